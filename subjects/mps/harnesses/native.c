/*
 * A native run of a harness on a random schedule.
 *
 *     gcc -std=c11 -fsanitize=address,undefined aba_detection.c native.c
 *     ./a.out 17
 *
 * takes the values of the nondet_ functions from the seed 17.  A failed
 * property is printed and ends the run with abort(); an assumption that does
 * not hold ends it with exit status 0, as the run is then none of the harness's.
 */
#include <stdio.h>

#include "interlock.h"

static uint64_t state = 1;

static uint64_t draw(void) /* xorshift64 */
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

bool nondet_bool(void) { return draw() >> 40 & 1; }
unsigned char nondet_uchar(void) { return (unsigned char)(draw() >> 40); }
int nondet_int(void) { return (int)(draw() >> 20); }
unsigned nondet_uint(void) { return (unsigned)(draw() >> 20); }

void __CPROVER_assert(bool condition, const char *description)
{
    if (!condition) {
        fprintf(stderr, "violated: %s\n", description);
        abort();
    }
}

void __CPROVER_assume(bool condition)
{
    if (!condition)
        exit(EXIT_SUCCESS);
}

/* The seed comes from the command line, which a harness's main does not read. */
__attribute__((constructor)) static void seed(int argc, char **argv)
{
    if (argc > 1)
        state = strtoull(argv[1], NULL, 10) * 0x9e3779b97f4a7c15u + 1;
    for (int i = 0; i < 8; i++)
        draw();
}
