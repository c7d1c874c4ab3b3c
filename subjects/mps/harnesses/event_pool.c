/*
 * Pooled events, and callbacks that capture `this`.
 *
 * An event is taken from the pool, recorded, and given back, at once, whether
 * its callback has run or not; the pool hands it out again after a reset, or
 * destroys it.  To record it, its owner increments the counter of pending
 * callbacks and then schedules a callback, which the system runs on a queue of
 * its own, after the device has signalled; the callback decrements the counter
 * as the last thing it does.  The destructor waits for zero, for a bounded time;
 * when time is up it abandons the object instead of freeing it.  A callback
 * carries the epoch in which it was scheduled and reports to no other.
 *
 * Events are heap objects, freed by their destructor, and a callback has a
 * pointer to its event and nothing else, so that a use after free is one.
 *
 * Bound: USERS threads, EVENTS objects, CALLBACKS callbacks in all, ROUNDS
 * rounds in which each thread and each callback may take a step.
 */
#include "threads.h"

enum { USERS = 2, EVENTS = 1, CALLBACKS = 2, ROUNDS = 6 };
enum life { ABSENT, POOLED, OWNED, DYING, FREED, ABANDONED };
enum pc { IDLE, ACQUIRED, COUNTED, RECORDED, DESTRUCTOR };
enum stage { NONE, SCHEDULED, SIGNALLED, WORKING, FINISHING, DONE };

struct event {
    unsigned id;
    unsigned pending; /* atomic: callbacks scheduled and not finished */
    unsigned epoch;   /* how often the object was handed out */
    bool completed;   /* m_cpu_sync_completed */
    unsigned set_by;  /* record: the epoch of the callback that raised it */
};

struct callback {
    enum stage stage;
    struct event *event; /* the captured `this` */
    unsigned epoch;
    unsigned event_id; /* record: the callback itself does not use it */
};

struct user {
    enum pc pc;
    struct event *event;
};

static struct event *memory[EVENTS]; /* what operator new will return */
static struct event *pool[EVENTS];   /* the free list, a stack */
static unsigned pooled;
static struct callback callbacks[CALLBACKS];
static unsigned scheduled;
static struct user users[USERS];
static enum life life[EVENTS]; /* record */

static unsigned outstanding(unsigned event_id)
{
    unsigned count = 0;
    for (unsigned i = 0; i < CALLBACKS; i++)
        count += callbacks[i].event_id == event_id && callbacks[i].stage != NONE
                 && callbacks[i].stage != DONE;
    return count;
}

/* -------------------------------------------------------------------- pool */

static struct event *new_event(void)
{
    for (unsigned i = 0; i < EVENTS; i++)
        if (life[i] == ABSENT)
            return memory[i];
    return NULL;
}

static void acquire(struct user *user)
{
    struct event *event = pooled > 0 ? pool[--pooled] : new_event();
    if (event == NULL)
        return;
    event->epoch++; /* reset: a new epoch, and a clean flag */
    event->completed = false;
    event->set_by = 0;
    life[event->id] = OWNED;
    user->event = event;
    user->pc = ACQUIRED;
}

static void release(struct user *user)
{
    CHECK(pooled < EVENTS && life[user->event->id] == OWNED,
          "E.PoolReuseNoCrosstalk: an event goes back once for each acquisition");
    life[user->event->id] = POOLED;
    pool[pooled++] = user->event;
    user->event = NULL;
    user->pc = IDLE;
}

/* --------------------------------------------------------------- recording */

static void schedule(struct event *event)
{
    __CPROVER_assume(scheduled < CALLBACKS); /* the run has no more */
    callbacks[scheduled++] =
        (struct callback){SCHEDULED, event, event->epoch, event->id};
}

static void record_first_half(struct user *user)
{
#ifdef BROKEN_SCHEDULE_FIRST
    schedule(user->event);
#else
    user->event->pending++;
#endif
    user->pc = COUNTED;
}

static void record_second_half(struct user *user)
{
#ifdef BROKEN_SCHEDULE_FIRST
    user->event->pending++;
#else
    schedule(user->event);
#endif
    user->pc = RECORDED;
}

/* The owner asks whether the device has answered. */
static void query(const struct event *event)
{
    if (event->completed)
        CHECK(event->set_by == event->epoch,
              "E.PoolReuseNoCrosstalk: an owner is answered by its own callback");
}

/* ------------------------------------------------------------- destruction */

static void begin_destroy(struct user *user)
{
    if (pooled == 0)
        return;
    user->event = pool[--pooled];
    life[user->event->id] = DYING;
    user->pc = DESTRUCTOR;
}

/* False while it must wait; `abandon` when time is up. */
static bool waited(const struct event *event, bool *abandon)
{
    if (event->pending != 0) {
        if (nondet_bool())
            return false;
#ifndef BROKEN_FREE_ON_TIMEOUT
        *abandon = true;
        return true;
#endif
    }
    CHECK(outstanding(event->id) == 0,
          "E.DestructorWaitSafety: an event is freed when no callback is left");
    *abandon = false;
    return true;
}

static void destroy(struct user *user)
{
    bool abandon = false;
#ifndef BROKEN_NO_PENDING_WAIT
    if (!waited(user->event, &abandon))
        return;
#endif
    if (abandon) {
        life[user->event->id] = ABANDONED;
    } else {
        life[user->event->id] = FREED;
        free(user->event);
    }
    user->event = NULL;
    user->pc = IDLE;
}

/* --------------------------------------------------------------- callbacks */

static void count_down(struct event *event)
{
    CHECK(event->pending > 0,
          "E.PendingCounterCovers: a callback that ends has been counted");
    event->pending--;
}

static void work(struct callback *callback)
{
    struct event *event = callback->event;
    if (callback->stage == WORKING) {
#ifndef BROKEN_NO_EPOCH_CHECK
        if (event->epoch == callback->epoch)
#endif
        {
            event->completed = true;
            event->set_by = callback->epoch;
        }
        callback->stage = FINISHING;
    } else {
#ifndef BROKEN_DECREMENT_FIRST
        count_down(event);
#endif
        callback->stage = DONE;
    }
}

static void step_callback(struct callback *callback)
{
    switch (callback->stage) {
    case NONE:
    case DONE:
        break;
    case SCHEDULED: /* the device has reached the event */
        callback->stage = SIGNALLED;
        break;
    case SIGNALLED: /* the system queue begins to run the block */
        CHECK(life[callback->event_id] != FREED,
              "E.CallbackNeverUAF: the event is there when its callback begins");
        callback->stage = WORKING;
#ifdef BROKEN_DECREMENT_FIRST
        count_down(callback->event);
#endif
        break;
    case WORKING:
    case FINISHING:
        CHECK(life[callback->event_id] != FREED,
              "E.CallbackNeverUAF: the event is there while its callback runs");
        work(callback);
        break;
    }
}

/* ------------------------------------------------------------------- users */

static void step_user(struct user *user)
{
    switch (user->pc) {
    case IDLE:
        if (nondet_bool())
            acquire(user);
        else
            begin_destroy(user);
        break;
    case ACQUIRED:
        query(user->event);
        if (nondet_bool())
            record_first_half(user);
        else
            release(user);
        break;
    case COUNTED:
        record_second_half(user);
        break;
    case RECORDED:
        query(user->event);
        if (nondet_bool())
            release(user);
        break;
    case DESTRUCTOR:
        destroy(user);
        break;
    }
}

static void check_counters(void)
{
    for (unsigned i = 0; i < EVENTS; i++)
        if (life[i] != FREED)
            CHECK(memory[i]->pending >= outstanding(i),
                  "E.PendingCounterCovers: the counter covers the callbacks");
}

int main(void)
{
    for (unsigned i = 0; i < EVENTS; i++) {
        memory[i] = ALLOCATE_ALWAYS(struct event);
        *memory[i] = (struct event){.id = i};
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < USERS; i++)
            if (nondet_bool())
                step_user(&users[i]);
        for (unsigned i = 0; i < CALLBACKS; i++)
            if (nondet_bool())
                step_callback(&callbacks[i]);
        check_counters();
    }
    for (unsigned i = 0; i < EVENTS; i++)
        if (life[i] != FREED)
            free(memory[i]);
    return 0;
}
