/*
 * fork(), and the handlers that make it survivable.
 *
 * fork copies the memory of the process, but only the thread that calls it.  A
 * mutex that another thread holds at that instant is held in the child by
 * nobody, for ever, and what it guards is half changed.  So the prepare handlers
 * take every mutex, in the order of the hierarchy, and the parent and child
 * handlers give them back, each in its own process.  The device cannot be used
 * in a child at all: its handler sets a flag that every entry point tests, and
 * drops the binding to a stream.
 *
 * Handlers are registered in a doubly linked list of heap objects, as the C
 * library does it: prepare handlers run from the last registered to the first,
 * the others from the first to the last.  The module whose mutex ranks highest
 * must therefore register first.  The child is a copy of the parent's memory.
 *
 * Bound: THREADS threads of which the first may fork, MODULES modules, ROUNDS
 * rounds (see threads.h).
 */
#include "mutex.h"
#include "threads.h"

enum { THREADS = 2, MODULES = 3, ROUNDS = 8 };
enum module { POOL, STREAM, ENCODING }; /* their ranks, too */
enum pc { RUN, PREPARE, FORK, PARENT };
enum child_pc { NO_CHILD, HANDLERS, CALL, EXITED };

struct handler {
    enum module module;
    struct handler *next;
    struct handler *previous;
};

/* The memory that a fork copies. */
struct memory {
    struct mutex mutexes[MODULES];
    bool half_changed[MODULES]; /* what the mutex guards */
    bool bound[THREADS];        /* thread-local: a binding to a stream */
    bool in_forked_child;
    unsigned device_calls;
};

struct thread {
    struct held held;
    enum pc pc;
    struct handler *cursor;
};

static struct memory parent, child;
static struct handler *first, *last;
static struct thread threads[THREADS];
static enum child_pc child_pc;
static struct held child_held; /* of the one thread of the child */
static struct handler *child_cursor;

/* ------------------------------------------------------------ registration */

static void register_handlers(enum module module)
{
    struct handler *handler = ALLOCATE_ALWAYS(struct handler);
    *handler = (struct handler){module, NULL, last};
    if (last != NULL)
        last->next = handler;
    else
        first = handler;
    last = handler;
}

static void register_all(void)
{
#ifdef BROKEN_WRONG_ORDER
    register_handlers(POOL);
    register_handlers(STREAM);
    register_handlers(ENCODING);
#else
    register_handlers(ENCODING);
    register_handlers(STREAM);
    register_handlers(POOL);
#endif
}

/* ------------------------------------------------------- a thread at work */

static void work(struct thread *t, enum module module)
{
    struct mutex *mutex = &parent.mutexes[module];
    if (mutex->owner != t->held.self) {
        if (in_order(mutex, &t->held) && mutex_try(mutex, &t->held))
            parent.half_changed[module] = true;
        return;
    }
    if (parent.half_changed[module]) { /* completes the change */
        if (module == POOL)
            parent.bound[t->held.self] = !parent.bound[t->held.self];
        parent.half_changed[module] = false;
    } else if (t->held.ranks >> module == 1u) { /* the one it took last */
        mutex_release(mutex, &t->held);
    }
}

static void step_run(struct thread *t)
{
    if (t->held.self == 0 && t->held.ranks == 0 && child_pc == NO_CHILD
        && nondet_bool()) {
        t->pc = PREPARE;
        t->cursor = last;
        return;
    }
    switch (choose(MODULES)) {
    case POOL: work(t, POOL); break;
    case STREAM: work(t, STREAM); break;
    case ENCODING: work(t, ENCODING); break;
    }
}

/* -------------------------------------------------------------------- fork */

static void step_prepare(struct thread *t)
{
    struct mutex *mutex = &parent.mutexes[t->cursor->module];
    CHECK(in_order(mutex, &t->held),
          "FH.HandlerOrder: prepare handlers follow the lock hierarchy");
#ifdef BROKEN_SKIP_PREPARE
    if (t->cursor->module != ENCODING)
#endif
        if (!mutex_try(mutex, &t->held))
            return;
    t->cursor = t->cursor->previous;
    if (t->cursor == NULL)
        t->pc = FORK;
}

static void step_fork(struct thread *t)
{
    for (unsigned i = 0; i < MODULES; i++) {
        unsigned owner = parent.mutexes[i].owner;
        CHECK(owner == NOBODY || owner == t->held.self,
              "FH.ConsistentSnapshot: no mutex is held by a thread left behind");
        CHECK(!parent.half_changed[i],
              "FH.ConsistentSnapshot: nothing is half changed at the fork");
    }
    child = parent;
    child_held = t->held;
    child_pc = HANDLERS;
    child_cursor = first;
    t->pc = PARENT;
    t->cursor = first;
}

static void step_parent(struct thread *t)
{
    struct mutex *mutex = &parent.mutexes[t->cursor->module];
#ifdef BROKEN_FORGET_PARENT
    if (t->cursor->module != STREAM)
#endif
#ifdef BROKEN_SKIP_PREPARE
    if (t->cursor->module != ENCODING)
#endif
        mutex_release(mutex, &t->held);
    t->cursor = t->cursor->next;
    if (t->cursor != NULL)
        return;
    t->pc = RUN;
    CHECK(t->held.ranks == 0,
          "FH.ParentReleases: when fork returns, the caller holds no mutex");
}

/* ------------------------------------------------------------------- child */

static void check_child(void)
{
    for (unsigned i = 0; i < MODULES; i++)
        CHECK(child.mutexes[i].owner == NOBODY,
              "FH.ChildLocksUsable: no mutex is held in the child");
    CHECK(child_held.ranks == 0,
          "FH.ChildLocksUsable: the child's thread holds no mutex");
    CHECK(!child.bound[child_held.self],
          "FH.ChildDropsBindings: the child has no binding to a stream");
}

static void step_child_handler(void)
{
    enum module module = child_cursor->module;
#if defined BROKEN_CHILD_KEEPS_LOCKS || defined BROKEN_SKIP_PREPARE
    if (module != ENCODING)
#endif
        mutex_release(&child.mutexes[module], &child_held);
    if (module == POOL) {
#ifndef BROKEN_FORGET_FLAG
        child.in_forked_child = true;
#endif
#ifndef BROKEN_KEEP_BINDING
        child.bound[child_held.self] = false;
#endif
    }
    child_cursor = child_cursor->next;
    if (child_cursor == NULL) {
        child_pc = CALL;
        check_child();
    }
}

/* The child asks for its current stream, and is refused before the device. */
static void step_child_call(void)
{
    bool usable = mutex_try(&child.mutexes[POOL], &child_held);
    CHECK(usable, "FH.ChildLocksUsable: the child can take the mutex of the pool");
    child.device_calls += child.in_forked_child ? 0u : 1u;
    CHECK(child.device_calls == 0, "FH.ChildNoDevice: the child never uses the device");
    mutex_release(&child.mutexes[POOL], &child_held);
    child_pc = EXITED;
}

static void step_child(void)
{
    switch (child_pc) {
    case NO_CHILD:
    case EXITED:
        break;
    case HANDLERS:
        step_child_handler();
        break;
    case CALL:
        step_child_call();
        break;
    }
}

/* ------------------------------------------------------------------- steps */

static void step(struct thread *t)
{
    switch (t->pc) {
    case RUN: step_run(t); break;
    case PREPARE: step_prepare(t); break;
    case FORK: step_fork(t); break;
    case PARENT: step_parent(t); break;
    }
}

static void check_mutexes(void)
{
    for (unsigned i = 0; i < MODULES; i++) {
        unsigned holders = 0;
        for (unsigned t = 0; t < THREADS; t++)
            holders += threads[t].held.ranks >> i & 1u;
        CHECK(holders == (parent.mutexes[i].owner != NOBODY),
              "FH.ParentReleases: a mutex is held by exactly its owner");
        CHECK(!parent.half_changed[i] || parent.mutexes[i].owner != NOBODY,
              "FH.ConsistentSnapshot: what is half changed is locked");
    }
}

int main(void)
{
    for (unsigned i = 0; i < MODULES; i++)
        mutex_init(&parent.mutexes[i], i);
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i].held.self = i;
        parent.bound[i] = nondet_bool();
    }
    register_all();
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < THREADS; i++)
            if (nondet_bool())
                step(&threads[i]);
        if (nondet_bool())
            step_child();
    }
    check_mutexes();
    while (first != NULL) {
        struct handler *next = first->next;
        free(first);
        first = next;
    }
    return 0;
}
