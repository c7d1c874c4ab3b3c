/*
 * Threads as program counters, and the mutexes that they share.
 *
 * A harness gives each thread a control state and a function that carries out
 * one atomic step of it.  A schedule is a number of rounds; in each round every
 * thread in turn takes a step or does not, as nondet_bool decides.  Every
 * interleaving of at most ROUNDS steps is among them (let one thread step in
 * each round), and so are many longer ones, up to ROUNDS steps of each thread.
 * The order of the threads inside a round is fixed, so that CBMC knows at every
 * step which thread it is and need not encode a choice of array element.
 *
 * A thread that cannot have a mutex stays where it is.  `held` has a bit for
 * the rank of each mutex that the thread holds; ranks follow the hierarchy
 * pool, allocator, stream, encoding.
 */
#ifndef THREADS_H
#define THREADS_H

#include "interlock.h"

#define NOBODY UINT_MAX

/* fetch_add on an atomic counter: it wraps round, and is meant to. */
#ifdef __CPROVER__
#pragma CPROVER check push
#pragma CPROVER check disable "unsigned-overflow"
#endif
static inline uint32_t wrapping_add(uint32_t a, uint32_t b)
{
    return a + b;
}

static inline uint32_t wrapping_sub(uint32_t a, uint32_t b)
{
    return a - b;
}
#ifdef __CPROVER__
#pragma CPROVER check pop
#endif

struct mutex {
    unsigned owner;
    unsigned rank;
};

struct held {
    unsigned self;  /* the number of the thread */
    unsigned ranks; /* one bit for each mutex held */
};

static inline void mutex_init(struct mutex *mutex, unsigned rank)
{
    mutex->owner = NOBODY;
    mutex->rank = rank;
}

static inline bool mutex_try(struct mutex *mutex, struct held *held)
{
    if (mutex->owner != NOBODY)
        return false;
    mutex->owner = held->self;
    held->ranks |= 1u << mutex->rank;
    return true;
}

static inline void mutex_release(struct mutex *mutex, struct held *held)
{
    CHECK(mutex->owner == held->self,
          "LK.OwnerUnlocks: a mutex is unlocked by the thread that holds it");
    mutex->owner = NOBODY;
    held->ranks &= ~(1u << mutex->rank);
}

/* No mutex of this rank or of a later one is held: it may be waited for. */
static inline bool in_order(const struct mutex *mutex, const struct held *held)
{
    return held->ranks >> mutex->rank == 0;
}

#endif
