/*
 * The batch queue: producers submit, workers complete futures, stop drains.
 *
 * Requests wait in a ring buffer under one mutex.  submit tests the flag
 * `closed` without the mutex, to refuse cheaply, and again with it: the second
 * test and the push are one critical section, and stop sets the flag in another,
 * so a request is refused, or is in the ring before any worker can find the
 * queue closed and empty.  A worker takes a batch, runs it without the mutex,
 * and completes every future of it, with a value or with an error; it leaves
 * when the queue is closed and empty.  stop closes, wakes everybody, and joins.
 *
 * A critical section is one step here, and so is the condition variable's
 * "unlock and sleep"; notifying is a step of its own, after the mutex has been
 * released.  Futures are heap objects that a producer and a worker share, with
 * a reference count: whoever drops the last reference frees them.
 *
 * Bound: PRODUCERS producers of one request each, WORKERS workers, a ring of
 * CAPACITY places, batches of MAX_BATCH, ROUNDS rounds (see threads.h).
 */
#include "threads.h"

enum { PRODUCERS = 2, WORKERS = 2, CAPACITY = 2, MAX_BATCH = 2, ROUNDS = 5 };
enum state { NEW, PENDING, VALUE, ERROR, REFUSED };
enum producer_pc { SUBMIT, PUSH, NOTIFY, AWAIT, FINISHED };
enum worker_pc { LOOK, ASLEEP, RUN, LEFT };
enum stopper_pc { CLOSE, WAKE_ALL, JOIN, STOPPED };

struct future {
    enum state state;
    unsigned references;
    int value;
};

struct producer {
    enum producer_pc pc;
    struct future *future;
};

struct worker {
    enum worker_pc pc;
    struct future *batch[MAX_BATCH];
    unsigned size;
};

static bool closed;
static struct future *ring[CAPACITY];
static unsigned head, length;
static struct producer producers[PRODUCERS];
static struct worker workers[WORKERS];
static enum stopper_pc stopper;
static struct future *all[PRODUCERS]; /* record: NULL once freed */

/* ----------------------------------------------------------------- futures */

static void drop(struct future *future)
{
    CHECK(future->references > 0,
          "BQ.FuturesAccounted: a reference that is dropped was held");
    future->references--;
    if (future->references > 0)
        return;
    for (unsigned i = 0; i < PRODUCERS; i++)
        if (all[i] == future)
            all[i] = NULL;
    free(future);
}

static void settle(struct future *future, enum state state, int value)
{
    CHECK(future->state == PENDING || future->state == NEW,
          "BQ.FuturesAccounted: a future is completed once");
    future->state = state;
    future->value = value;
}

/* -------------------------------------------------------------------- ring */

static void ring_push(struct future *future)
{
    CHECK(length < CAPACITY, "BQ.FuturesAccounted: the ring has room for a request");
    ring[(head + length) % CAPACITY] = future;
    length++;
}

static struct future *ring_pop(void)
{
    CHECK(length > 0, "BQ.FuturesAccounted: a batch is taken from what is there");
    struct future *future = ring[head];
    ring[head] = NULL;
    head = (head + 1) % CAPACITY;
    length--;
    return future;
}

/* ------------------------------------------------------------------ submit */

static bool all_left(void)
{
    for (unsigned i = 0; i < WORKERS; i++)
        if (workers[i].pc != LEFT)
            return false;
    return true;
}

/* Under the mutex: the second test, and the push. */
static void push(struct producer *producer)
{
    bool refuse = closed;
#ifdef BROKEN_SKIP_SECOND_TEST
    refuse = false;
#endif
    if (refuse) {
        settle(producer->future, REFUSED, 0);
        producer->pc = AWAIT;
        return;
    }
    CHECK(!all_left(),
          "BQ.SubmitStopRaceSafe: what is accepted has a worker to serve it");
    ring_push(producer->future);
    producer->future->state = PENDING;
    producer->future->references++; /* the queue's */
#ifdef BROKEN_FORGET_NOTIFY
    producer->pc = AWAIT;
#else
    producer->pc = NOTIFY;
#endif
}

static void wake_one(void)
{
    for (unsigned i = 0; i < WORKERS; i++)
        if (workers[i].pc == ASLEEP) {
            workers[i].pc = LOOK;
            return;
        }
}

static void step_producer(struct producer *producer)
{
    switch (producer->pc) {
    case SUBMIT: /* the first test */
        if (closed) {
            settle(producer->future, REFUSED, 0);
            producer->pc = AWAIT;
        } else {
            producer->pc = PUSH;
        }
        break;
    case PUSH:
        push(producer);
        break;
    case NOTIFY:
        wake_one();
        producer->pc = AWAIT;
        break;
    case AWAIT:
        if (producer->future->state == PENDING)
            break;
        CHECK(producer->future->state != VALUE || producer->future->value == 1,
              "BQ.NoStuckFutures: a future that is ready has its value");
        drop(producer->future);
        producer->future = NULL;
        producer->pc = FINISHED;
        break;
    case FINISHED:
        break;
    }
}

/* ----------------------------------------------------------------- workers */

static void look(struct worker *worker) /* under the mutex */
{
    bool leave = closed && length == 0;
#ifdef BROKEN_LEAVE_AT_ONCE
    leave = closed;
#endif
    if (leave) {
        worker->pc = LEFT;
    } else if (length == 0) {
        worker->pc = ASLEEP;
    } else {
        worker->size = 0;
        for (unsigned i = 0; i < MAX_BATCH; i++)
            if (length > 0)
                worker->batch[worker->size++] = ring_pop();
        worker->pc = RUN;
    }
}

static void run(struct worker *worker)
{
    bool thrown = nondet_bool();
    for (unsigned i = 0; i < worker->size; i++) {
        struct future *future = worker->batch[i];
        worker->batch[i] = NULL;
#ifdef BROKEN_DROP_ON_ERROR
        if (thrown) {
            drop(future);
            continue;
        }
#endif
        settle(future, thrown ? ERROR : VALUE, thrown ? 0 : 1);
        drop(future);
    }
    worker->size = 0;
    worker->pc = LOOK;
}

static void step_worker(struct worker *worker)
{
    switch (worker->pc) {
    case LOOK:
        look(worker);
        break;
    case RUN:
        run(worker);
        break;
    case ASLEEP:
    case LEFT:
        break;
    }
}

/* -------------------------------------------------------------------- stop */

static void wake_all(void)
{
#ifdef BROKEN_NOTIFY_ONE_ON_STOP
    wake_one();
#else
    for (unsigned i = 0; i < WORKERS; i++)
        if (workers[i].pc == ASLEEP)
            workers[i].pc = LOOK;
#endif
    for (unsigned i = 0; i < WORKERS; i++)
        CHECK(workers[i].pc != ASLEEP,
              "BQ.StopWakesAll: no worker sleeps through stop()");
}

static void step_stopper(void)
{
    switch (stopper) {
    case CLOSE:
        closed = true;
        stopper = WAKE_ALL;
        break;
    case WAKE_ALL:
        wake_all();
        stopper = JOIN;
        break;
    case JOIN:
        if (!all_left())
            break;
        CHECK(length == 0, "BQ.StopDrains: stop() returns when nothing is left");
        stopper = STOPPED;
        break;
    case STOPPED:
        break;
    }
}

/* -------------------------------------------------------------- invariants */

static unsigned places_of(const struct future *future)
{
    unsigned places = 0;
    for (unsigned i = 0; i < CAPACITY; i++)
        places += ring[i] == future;
    for (unsigned w = 0; w < WORKERS; w++)
        for (unsigned i = 0; i < MAX_BATCH; i++)
            places += workers[w].batch[i] == future;
    return places;
}

static void check_futures(void)
{
    for (unsigned i = 0; i < PRODUCERS; i++) {
        if (all[i] == NULL)
            continue;
        CHECK((all[i]->state == PENDING) == (places_of(all[i]) == 1),
              "BQ.FuturesAccounted: a future is pending while one place has it");
        if (stopper == STOPPED && producers[i].pc == AWAIT)
            CHECK(all[i]->state != PENDING,
                  "BQ.NoStuckFutures: after stop() no accepted request waits");
    }
}

static void check_wakeup(void)
{
    bool asleep = false, awake = stopper == WAKE_ALL;
    for (unsigned i = 0; i < WORKERS; i++) {
        asleep = asleep || workers[i].pc == ASLEEP;
        awake = awake || workers[i].pc == LOOK || workers[i].pc == RUN;
    }
    for (unsigned i = 0; i < PRODUCERS; i++)
        awake = awake || producers[i].pc == NOTIFY;
    if (asleep && length > 0)
        CHECK(awake, "BQ.NoLostWakeup: while requests wait, a worker is awake");
}

int main(void)
{
    for (unsigned i = 0; i < PRODUCERS; i++) {
        all[i] = ALLOCATE_ALWAYS(struct future);
        *all[i] = (struct future){NEW, 1, 0};
        producers[i].future = all[i];
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < PRODUCERS; i++)
            if (nondet_bool())
                step_producer(&producers[i]);
        for (unsigned i = 0; i < WORKERS; i++)
            if (nondet_bool())
                step_worker(&workers[i]);
        if (nondet_bool())
            step_stopper();
    }
    check_futures();
    check_wakeup();
    for (unsigned i = 0; i < PRODUCERS; i++)
        free(all[i]);
    return 0;
}
