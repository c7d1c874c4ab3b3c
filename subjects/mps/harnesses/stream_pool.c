/*
 * The stream pool: slots from a lock-free free list, bound to threads.
 *
 * Stream 0 is the main thread's.  A worker claims the lowest set bit of an
 * atomic word by compare-and-swap, keeps the slot in thread-local storage, and
 * sets the bit again when it exits.  When the word is empty it waits on a
 * condition variable (back-pressure); whoever releases a slot passes through
 * the mutex of that variable before it notifies, so that the notification
 * cannot fall between a waiter's look at the word and its sleep.
 *
 * The pool is destroyed with the static objects, while workers may still run.
 * They test g_pool_alive before, inside and after the slow path, and register
 * in `users` while they are inside; the destructor drains that counter before
 * it frees.  Three tests alone do not suffice (BROKEN_SKIP_DRAIN).  The pool and
 * its streams are real heap objects, freed by the destructor.
 *
 * Thread 0 is the main thread, which uses stream 0 and destroys the pool.  Each
 * other thread asks for a stream, uses it, and exits, and may then live again.
 *
 * Bound: THREADS threads, STREAMS streams, ROUNDS rounds (see threads.h).  From
 * the start one of the workers may be at work, and the other may have found that
 * there is no stream left.
 */
#include "mutex.h"
#include "threads.h"

enum { THREADS = 3, STREAMS = 2, ROUNDS = 6 };
#define UNBOUND UINT_MAX

struct stream {
    unsigned index;
    unsigned commands; /* stands for the device's queue */
};

struct stream_pool {
    uint32_t free_mask; /* atomic: bit i is set when worker stream i is free */
    struct mutex mutex; /* of the condition variable */
    struct stream *streams[STREAMS];
};

enum pc {
    START, CHECK_INSIDE, LOAD, SWAP, WAIT_LOCK, LOOK, SLEEP, ASLEEP, CHECK_AFTER,
    USE, RELEASE, NOTIFY_LOCK, NOTIFY, DESTROY, DRAIN, GONE
};

struct thread {
    struct held held;
    enum pc pc;
    uint32_t seen;  /* the word as it was loaded */
    unsigned bound; /* thread-local: the slot, or UNBOUND */
};

static bool g_pool_alive = true;
static bool freed;
static unsigned users; /* atomic: threads inside the pool */
static struct stream_pool *pool;
static struct thread threads[THREADS];
static unsigned holders[STREAMS]; /* record: the holder of each stream */

/* -------------------------------------------------------------- bit fields */

static unsigned lowest_bit(uint32_t mask)
{
    unsigned bit = 0;
    while (bit + 1 < STREAMS && !(mask >> bit & 1u))
        bit++;
    return bit;
}

/* An access to the pool: it must be there. */
static struct stream_pool *inside(void)
{
    CHECK(!freed, "SP.NoUseAfterFree: nobody touches the pool after its end");
    return pool;
}

static void leave(void)
{
    CHECK(users > 0, "SP.NoUseAfterFree: who leaves the pool has entered it");
    users--;
}

/* ------------------------------------------------------------- acquisition */

static void step_start(struct thread *t)
{
    if (!g_pool_alive) {
        t->pc = GONE;
        return;
    }
    t->pc = CHECK_INSIDE;
}

static void step_check_inside(struct thread *t)
{
    users++; /* first register, then test again */
    if (g_pool_alive) {
        t->pc = LOAD;
    } else {
        leave();
        t->pc = GONE;
    }
}

static void step_swap(struct thread *t)
{
    struct stream_pool *p = inside();
    unsigned slot = lowest_bit(t->seen);
#ifdef BROKEN_PLAIN_STORE
    p->free_mask = t->seen & ~(1u << slot);
#else
    if (p->free_mask != t->seen) { /* compare-and-swap failed */
        t->pc = LOAD;
        return;
    }
    p->free_mask = t->seen & ~(1u << slot);
#endif
    CHECK(slot != 0 && slot < STREAMS,
          "SP.TLSBindingValid: a worker is bound to a worker stream");
    CHECK(holders[slot] == NOBODY,
          "SP.MutualExclusion: no two threads hold the same stream");
    holders[slot] = t->held.self;
    t->bound = slot;
    t->pc = CHECK_AFTER;
}

static void step_look(struct thread *t)
{
    struct stream_pool *p = inside();
    if (p->free_mask != 0 || !g_pool_alive) {
        t->pc = g_pool_alive ? LOAD : CHECK_AFTER;
        mutex_release(&p->mutex, &t->held);
    } else {
        t->pc = SLEEP; /* and keeps the mutex until it sleeps */
    }
}

static void step_sleep(struct thread *t)
{
    mutex_release(&inside()->mutex, &t->held);
    t->pc = ASLEEP;
}

static void give_up(struct thread *t)
{
    if (t->bound != UNBOUND)
        holders[t->bound] = NOBODY; /* its slot ends with the pool */
    t->bound = UNBOUND;
    leave();
    t->pc = GONE;
}

static void step_check_after(struct thread *t)
{
#ifndef BROKEN_SKIP_THIRD_CHECK
    if (!g_pool_alive) {
        give_up(t);
        return;
    }
#endif
    CHECK(g_pool_alive && t->bound != UNBOUND,
          "SP.TOCTOUTripleCheck: a binding is made only while the pool is alive");
    t->pc = USE;
}

/* -------------------------------------------------------------------- use */

/* The destructor of the thread-local binding runs. */
static void begin_exit(struct thread *t)
{
#ifdef BROKEN_LEAK_ON_EXIT
    holders[t->bound] = NOBODY;
    t->bound = UNBOUND;
    leave();
    t->pc = START;
#else
    t->pc = RELEASE;
#endif
}

static void step_use(struct thread *t)
{
    struct stream_pool *p = inside();
    CHECK(holders[t->bound] == t->held.self && !(p->free_mask >> t->bound & 1u),
          "SP.TLSBindingValid: a bound stream is its thread's and not free");
    struct stream *stream = p->streams[t->bound];
    CHECK(stream->index == t->bound,
          "SP.TLSBindingValid: the binding names the stream that it is");
    stream->commands++;
    if (t->held.self == 0)
        t->pc = nondet_bool() ? USE : DESTROY;
    else if (nondet_bool())
        begin_exit(t);
}

/* ------------------------------------------------------------- thread exit */

static void step_release(struct thread *t)
{
    struct stream_pool *p = inside();
    CHECK(t->bound != UNBOUND && holders[t->bound] == t->held.self
              && !(p->free_mask >> t->bound & 1u),
          "SP.NoDoubleRelease: a slot is released once for each acquisition");
    p->free_mask |= 1u << t->bound;
    holders[t->bound] = NOBODY;
#ifndef BROKEN_DOUBLE_RELEASE
    t->bound = UNBOUND;
#endif
#ifdef BROKEN_NOTIFY_OUTSIDE_MUTEX
    t->pc = NOTIFY;
#else
    t->pc = NOTIFY_LOCK;
#endif
}

static void wake_one(void)
{
    for (unsigned i = 1; i < THREADS; i++)
        if (threads[i].pc == ASLEEP) {
            threads[i].pc = WAIT_LOCK;
            return;
        }
}

static void step_notify(struct thread *t)
{
    struct stream_pool *p = inside();
    wake_one();
    if (p->mutex.owner == t->held.self)
        mutex_release(&p->mutex, &t->held);
#ifdef BROKEN_DOUBLE_RELEASE
    t->pc = RELEASE; /* the binding is still there, and its destructor runs again */
    return;
#endif
    leave();
    t->pc = START;
}

/* ------------------------------------------------------------- destruction */

static void step_destroy(struct thread *t)
{
    if (!mutex_try(&inside()->mutex, &t->held))
        return;
    g_pool_alive = false;
    for (unsigned i = 1; i < THREADS; i++) /* notify_all */
        if (threads[i].pc == ASLEEP)
            threads[i].pc = WAIT_LOCK;
    mutex_release(&pool->mutex, &t->held);
    t->pc = DRAIN;
}

static void free_pool(void)
{
    for (unsigned i = 0; i < STREAMS; i++)
        free(pool->streams[i]);
    free(pool);
    freed = true;
}

static void step_drain(struct thread *t)
{
#ifndef BROKEN_SKIP_DRAIN
    if (users != 0) /* workers that hold a stream give it back first */
        return;
#endif
    free_pool();
    t->pc = GONE;
}

/* ------------------------------------------------------------------- steps */

static void step(struct thread *t)
{
    switch (t->pc) {
    case START: step_start(t); break;
    case CHECK_INSIDE: step_check_inside(t); break;
    case LOAD:
        t->seen = inside()->free_mask;
        t->pc = t->seen != 0 ? SWAP : WAIT_LOCK;
        break;
    case SWAP: step_swap(t); break;
    case WAIT_LOCK:
        if (mutex_try(&inside()->mutex, &t->held))
            t->pc = LOOK;
        break;
    case LOOK: step_look(t); break;
    case SLEEP: step_sleep(t); break;
    case ASLEEP: break;
    case CHECK_AFTER: step_check_after(t); break;
    case USE: step_use(t); break;
    case RELEASE: step_release(t); break;
    case NOTIFY_LOCK:
        if (mutex_try(&inside()->mutex, &t->held))
            t->pc = NOTIFY;
        break;
    case NOTIFY: step_notify(t); break;
    case DESTROY: step_destroy(t); break;
    case DRAIN: step_drain(t); break;
    case GONE: break;
    }
}

/* -------------------------------------------------------------- invariants */

static bool somebody(enum pc pc)
{
    for (unsigned i = 0; i < THREADS; i++)
        if (threads[i].pc == pc)
            return true;
    return false;
}

static void check_pool(void)
{
    if (freed)
        return;
    uint32_t mask = pool->free_mask;
    CHECK(mask >> STREAMS == 0 && (mask & 1u) == 0,
          "SP.TLSBindingValid: the free list holds worker streams only");
    if (!g_pool_alive)
        return;
    for (unsigned i = 1; i < STREAMS; i++)
        CHECK((mask >> i & 1u) || holders[i] != NOBODY,
              "SP.SlotNoLeak: every worker stream is free or held");
    if (mask != 0 && somebody(ASLEEP))
        CHECK(somebody(NOTIFY_LOCK) || somebody(NOTIFY) || somebody(WAIT_LOCK)
                  || somebody(LOOK) || somebody(LOAD) || somebody(SWAP),
              "SP.BackpressureNoLostWakeup: a sleeper by a free slot will be woken");
}

static void initialise(void)
{
    pool = ALLOCATE_ALWAYS(struct stream_pool);
    mutex_init(&pool->mutex, 0);
    pool->free_mask = 0;
    for (unsigned i = 0; i < STREAMS; i++) {
        pool->streams[i] = ALLOCATE_ALWAYS(struct stream);
        *pool->streams[i] = (struct stream){i, 0};
        holders[i] = NOBODY;
        if (i > 0)
            pool->free_mask |= 1u << i;
    }
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = (struct thread){{i, 0}, i == 0 ? USE : START, 0, UNBOUND};
    threads[0].bound = 0;
    holders[0] = 0;
    if (nondet_bool()) { /* a worker is at work already */
        threads[2].pc = USE;
        threads[2].bound = 1;
        holders[1] = 2;
        pool->free_mask &= ~2u;
        users = 1;
        if (nondet_bool()) { /* and another has found nothing to take */
            threads[1].pc = WAIT_LOCK;
            users = 2;
        }
    }
}

int main(void)
{
    initialise();
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned i = 0; i < THREADS; i++)
            if (nondet_bool())
                step(&threads[i]);
    check_pool();
    if (!freed)
        free_pool();
    return 0;
}
