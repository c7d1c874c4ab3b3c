/*
 * The thread-local binding of a thread to its current stream.
 *
 * getCurrentStream returns the stream that the calling thread is bound to; a
 * StreamGuard sets another one for a scope and restores the former when the
 * scope ends, and guards nest.  The binding is a pointer and the fork epoch in
 * which it was made: a forked child starts a new epoch, so that a binding
 * inherited from the parent is not used there, even by code that runs before
 * the child handler has dropped it.
 *
 * A block that is dispatched to a serial queue runs on the thread of the queue,
 * whose thread-local storage is another: the caller looks its stream up before
 * it dispatches, and the block uses what it captured.
 *
 * Streams are heap objects with a count of the guards and threads that refer to
 * them; a thread's exit unwinds its guards and gives its stream back.
 *
 * Bound: THREADS threads, one queue, STREAMS streams, guards DEPTH deep, ROUNDS
 * rounds (see threads.h).
 */
#include "threads.h"

enum { THREADS = 2, STREAMS = 2, DEPTH = 2, ROUNDS = 3 };
enum pc { RUNNING, DISPATCHED, EXITING, EXITED };

struct stream {
    unsigned index;
    unsigned references;
    unsigned commands;
};

struct binding { /* thread-local */
    struct stream *current;
    uint32_t epoch;
    struct stream *saved[DEPTH]; /* by the guards in force, outermost first */
    unsigned depth;
};

struct block {
    bool pending;
    struct stream *captured;
    unsigned caller;
    struct stream *expected; /* record: the caller's stream */
};

struct thread {
    unsigned self;
    enum pc pc;
    struct binding tls;
    unsigned own; /* record: the stream it was given, or STREAMS */
};

static struct stream *streams[STREAMS];
static bool taken[STREAMS]; /* given to a thread */
static struct thread threads[THREADS];
static struct binding queue_tls; /* of the thread that serves the queue */
static struct block block;       /* the one block in the serial queue */
static uint32_t fork_epoch;
static bool in_child;
static unsigned survivor; /* the thread that forked */

/* ----------------------------------------------------------------- binding */

static bool is_valid(const struct binding *tls)
{
#ifdef BROKEN_NO_EPOCH_CHECK
    return tls->current != NULL;
#else
    return tls->current != NULL && tls->epoch == fork_epoch;
#endif
}

static void bind(struct binding *tls, struct stream *stream)
{
    stream->references++;
    tls->current = stream;
    tls->epoch = fork_epoch;
}

static void unbind(struct binding *tls)
{
    CHECK(tls->current->references > 0,
          "SP.TLSBindingValid: a binding that ends was counted");
    tls->current->references--;
    tls->current = NULL;
}

/* Stream 0 for the main thread, which is number 0; a free one for a worker. */
static struct stream *claim(struct thread *t)
{
    for (unsigned i = 0; i < STREAMS; i++)
        if ((i == 0) == (t->self == 0) && !taken[i]) {
            taken[i] = true;
            t->own = i;
            return streams[i];
        }
    return NULL;
}

static struct stream *current_stream(struct thread *t)
{
    if (is_valid(&t->tls)) {
        CHECK(t->tls.epoch == fork_epoch,
              "SP.ForkInvalidatesTLS: no binding is used across a fork");
        return t->tls.current;
    }
    if (in_child)
        return NULL; /* the child may not use the device */
    struct stream *stream = claim(t);
    if (stream != NULL)
        bind(&t->tls, stream);
    return stream;
}

/* ------------------------------------------------------------------ guards */

static void guard_enter(struct thread *t, struct stream *other)
{
    struct binding *tls = &t->tls;
    if (tls->depth == DEPTH)
        return;
    tls->saved[tls->depth++] = tls->current; /* its reference moves with it */
    bind(tls, other);
}

static void guard_leave(struct thread *t)
{
    struct binding *tls = &t->tls;
    struct stream *outer = tls->saved[--tls->depth];
    unbind(tls);
#ifdef BROKEN_GUARD_FORGETS
    tls->current = streams[0];
#else
    tls->current = outer;
#endif
    CHECK(tls->current == outer,
          "SP.GuardRestores: a guard restores the stream that it found");
    tls->saved[tls->depth] = NULL;
}

/* ---------------------------------------------------------------- dispatch */

static void dispatch(struct thread *t, struct stream *stream)
{
    if (block.pending)
        return;
    block = (struct block){true, stream, t->self, stream};
    t->pc = DISPATCHED;
}

/* On the queue's own thread. */
static void step_queue(void)
{
    if (!block.pending || in_child)
        return;
    struct stream *stream = block.captured;
#ifdef BROKEN_LOOK_UP_INSIDE
    stream = queue_tls.current;
#endif
    CHECK(stream == block.expected,
          "DQ.NoTLSLookupInBlock: a block works on the stream of its caller");
    stream->commands++;
    block.pending = false;
    threads[block.caller].pc = RUNNING;
}

/* -------------------------------------------------------------------- exit */

static void step_exit(struct thread *t)
{
    if (t->tls.depth > 0) {
        guard_leave(t);
        return;
    }
#ifndef BROKEN_EXIT_KEEPS_BINDING
    if (t->tls.current != NULL)
        unbind(&t->tls);
#endif
    if (t->own < STREAMS)
        taken[t->own] = false;
    t->own = STREAMS;
    t->pc = EXITED;
}

/* -------------------------------------------------------------------- fork */

/* In the child: only the caller goes on, and its handler drops the binding. */
static void fork_child(struct thread *t)
{
    in_child = true;
    survivor = t->self;
    fork_epoch = wrapping_add(fork_epoch, 1u);
}

static void child_handler(struct thread *t)
{
    for (unsigned i = 0; i < DEPTH; i++)
        if (t->tls.depth > 0)
            guard_leave(t);
    if (t->tls.current != NULL)
        unbind(&t->tls);
}

/* ------------------------------------------------------------------- steps */

static void use(struct thread *t)
{
    struct stream *stream = current_stream(t);
    if (stream == NULL)
        return;
    CHECK(!in_child, "FH.ChildNoDevice: the child never uses the device");
    switch (choose(4)) {
    case 0: stream->commands++; break;
    case 1: guard_enter(t, streams[choose(STREAMS)]); break;
    case 2: dispatch(t, stream); break;
    case 3: t->pc = EXITING; break;
    }
}

static void step_running(struct thread *t)
{
    if (t->tls.depth > 0 && nondet_bool())
        guard_leave(t);
    else if (!in_child && nondet_bool())
        fork_child(t);
    else if (in_child && nondet_bool())
        child_handler(t);
    else
        use(t);
}

static void step(struct thread *t)
{
    if (in_child && t->self != survivor)
        return;
    switch (t->pc) {
    case RUNNING: step_running(t); break;
    case DISPATCHED: break;
    case EXITING: step_exit(t); break;
    case EXITED: break;
    }
}

/* -------------------------------------------------------------- invariants */

static void check_binding(const struct thread *t)
{
    const struct binding *tls = &t->tls;
    if (tls->current == NULL)
        return;
    CHECK(tls->current->references > 0 && t->pc != EXITED,
          "SP.TLSBindingValid: a bound stream is referred to by a living thread");
    if (t->own < STREAMS && tls->depth == 0 && tls->epoch == fork_epoch)
        CHECK(tls->current == streams[t->own] && taken[t->own],
              "SP.TLSBindingValid: without a guard, a thread has its own stream");
    if (t->own < STREAMS)
        CHECK((t->own == 0) == (t->self == 0),
              "SP.TLSBindingValid: stream 0 is the main thread's");
}

static void check_references(void)
{
    for (unsigned i = 0; i < STREAMS; i++) {
        unsigned count = 0;
        for (unsigned t = 0; t < THREADS; t++) {
            count += threads[t].tls.current == streams[i];
            for (unsigned d = 0; d < DEPTH; d++)
                count += threads[t].tls.saved[d] == streams[i];
        }
        count += queue_tls.current == streams[i];
        CHECK(count == streams[i]->references,
              "SP.TLSBindingValid: the references are the bindings and guards");
    }
    CHECK(threads[0].own >= STREAMS || threads[1].own >= STREAMS
              || threads[0].own != threads[1].own,
          "SP.MutualExclusion: no two threads are given the same stream");
}

static void initialise(void)
{
    uint32_t epoch = nondet_uint();
    fork_epoch = epoch;
    for (unsigned i = 0; i < STREAMS; i++) {
        streams[i] = ALLOCATE_ALWAYS(struct stream);
        *streams[i] = (struct stream){.index = i};
        taken[i] = i > 0 && nondet_bool(); /* by threads that are not modelled */
    }
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i].self = i;
        threads[i].own = STREAMS;
    }
    bind(&queue_tls, streams[0]); /* some binding of its own, and not a caller's */
}

int main(void)
{
    initialise();
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < THREADS; i++) {
            if (nondet_bool())
                step(&threads[i]);
            check_references(); /* of two counts, by induction over the steps */
        }
        if (nondet_bool())
            step_queue();
    }
    for (unsigned i = 0; i < THREADS; i++)
        check_binding(&threads[i]);
    for (unsigned i = 0; i < STREAMS; i++)
        free(streams[i]);
    return 0;
}
