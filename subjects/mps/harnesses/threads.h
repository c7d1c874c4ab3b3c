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
 * As a round may pass without a step, the state after any round is also one after
 * the last.  What is to hold of every state is therefore checked there, or after
 * each step where that makes it easier to decide.
 */
#ifndef THREADS_H
#define THREADS_H

#include "interlock.h"

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

#endif
