/*
 * Mutexes that threads share.
 *
 * A thread that cannot have a mutex stays where it is.  `held` has a bit for
 * the rank of each mutex that the thread holds; ranks follow the hierarchy
 * pool, allocator, stream, encoding.
 */
#ifndef MUTEX_H
#define MUTEX_H

#include "interlock.h"

#define NOBODY UINT_MAX

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
