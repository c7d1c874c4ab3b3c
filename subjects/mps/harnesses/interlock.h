/*
 * What every harness is written against.
 *
 * Under CBMC a nondet_ function has no body and returns any value of its type,
 * and the two __CPROVER_ functions are built in.  A native build declares all
 * of them here and links definitions: values taken from a counterexample, to
 * replay it under a sanitiser, or random ones (native.c).  No other source of
 * nondeterminism is allowed in a harness: no uninitialised object is read, and
 * whether an allocation succeeds is drawn from nondet_bool as well, so that a
 * run is a function of the values drawn.  What is drawn goes into a declaration
 * or an expression: of `x = nondet_uint();` CBMC shows no value that was drawn.
 */
#ifndef INTERLOCK_H
#define INTERLOCK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

bool nondet_bool(void);
unsigned char nondet_uchar(void);
unsigned nondet_uint(void);
int nondet_int(void);

#ifndef __CPROVER__
void __CPROVER_assert(bool condition, const char *description);
void __CPROVER_assume(bool condition);
#endif

/*
 * A property.  The text opens with the property's id.  Where it fails, the
 * path ends, as it does natively: what would go wrong after a violation is not
 * reported as a violation of its own.
 */
#define CHECK(condition, text)                                                \
    do {                                                                      \
        __CPROVER_assert(condition, text);                                    \
        __CPROVER_assume(condition);                                          \
    } while (0)

/*
 * Any number below `bound`, which is not zero.  A native run folds what it
 * draws into the range; a replayed value is in it already.
 */
static inline unsigned choose(unsigned bound)
{
    unsigned value = nondet_uint();
#ifdef __CPROVER__
    __CPROVER_assume(value < bound);
    return value;
#else
    return value % bound;
#endif
}

/*
 * Memory for one object of a type: ALLOCATE may return NULL and the caller must
 * be ready for it, ALLOCATE_ALWAYS is for what the harness itself cannot do
 * without.  Macros, so that malloc sees `sizeof(type)` and CBMC gives the object
 * that type; otherwise it is an array of bytes, which costs a hundred times as
 * much.
 */
#define ALLOCATE(type)                                                        \
    ((type *)(nondet_bool() ? NULL : not_null(malloc(sizeof(type)))))
#define ALLOCATE_ALWAYS(type) ((type *)not_null(malloc(sizeof(type))))

static inline void *not_null(void *memory)
{
    __CPROVER_assume(memory != NULL);
    return memory;
}

#endif
