/*
 * The command buffers of one stream.
 *
 * A stream has three members that its methods share: the current command
 * buffer, into which kernels are encoded; the previous one, committed but kept
 * so that it can be waited for (when commit-and-continue is off); and the open
 * encoder.  Metal accepts an encoder or a completion handler only while a buffer
 * is uncommitted, insists that the encoder is ended before the commit, and runs
 * what was committed, handlers last.
 *
 * Every method makes several accesses to the members and holds the stream's
 * mutex all the while; BROKEN_NO_LOCK is critical bug 2, methods that touch the
 * members without it.  Command buffers are heap objects with a reference count:
 * a member, a method that has one in hand, and the device each hold one, and
 * the last to let go frees it.
 *
 * Bound: THREADS threads and the device, BUFFERS command buffers in all, ROUNDS
 * rounds (see threads.h).  Before the first of them something may have been
 * flushed, and something encoded.
 */
#include "mutex.h"
#include "threads.h"

enum { THREADS = 2, BUFFERS = 2, ROUNDS = 3 };
enum status { FRESH, UNCOMMITTED, COMMITTED, COMPLETED, RELEASED };
enum method { ENCODE, HANDLER, FLUSH, WAIT, METHODS };
enum pc { IDLE, ADD, END_COALESCING, COMMIT, WAIT_CURRENT };

struct command_buffer {
    unsigned id;
    unsigned references;
    enum status status;
    unsigned kernels;
    unsigned handlers; /* added and not run yet */
};

struct encoder {
    struct command_buffer *buffer; /* what it encodes into; NULL when ended */
    unsigned kernels;
};

struct stream {
    struct mutex mutex;
    bool continues; /* commit-and-continue is on */
    struct command_buffer *current;
    struct command_buffer *previous;
    struct encoder encoder;
};

struct thread {
    struct held held;
    enum pc pc;
    enum method method;
    struct command_buffer *target; /* what the method has in hand */
};

static struct stream stream;
static struct thread threads[THREADS];
static struct command_buffer *memory[BUFFERS]; /* what the queue will return */
static unsigned created;
static enum status record[BUFFERS]; /* of each buffer, outliving it */

/* --------------------------------------------------------- command buffers */

static struct command_buffer *retain(struct command_buffer *buffer)
{
    buffer->references++;
    return buffer;
}

static void release(struct command_buffer *buffer)
{
    CHECK(buffer->references > 0,
          "CB.NoUseAfterRelease: a reference that is dropped was held");
    buffer->references--;
    if (buffer->references > 0)
        return;
    CHECK(buffer->status != UNCOMMITTED,
          "CB.NoUncommittedDropped: what was encoded is committed before it goes");
    CHECK(buffer->handlers == 0,
          "CB.HandlerWillRun: a handler that was added has run");
    record[buffer->id] = RELEASED;
    free(buffer);
}

static void become(struct command_buffer *buffer, enum status status)
{
    buffer->status = status;
    record[buffer->id] = status;
}

static struct command_buffer *create(void)
{
    __CPROVER_assume(created < BUFFERS); /* the run has no more */
    struct command_buffer *buffer = memory[created++];
    buffer->references = 1;
    become(buffer, UNCOMMITTED);
    return buffer;
}

/* Critical bug 2: a method that touches the members without the lock. */
static bool takes_lock(enum method method)
{
#if defined BROKEN_NO_LOCK || defined BROKEN_UNGUARDED_MEMBERS
    return method != HANDLER;
#else
    (void)method;
    return true;
#endif
}

/* Every access to a member of the stream goes through here. */
static struct stream *members(const struct thread *t)
{
#ifndef BROKEN_NO_LOCK /* whose consequence is sought, not the omission itself */
    CHECK(stream.mutex.owner == t->held.self,
          "CB.MembersGuarded: the members are touched under the stream's lock");
#endif
    (void)t;
    return &stream;
}

/* ----------------------------------------- methods that add to the current */

static void finish(struct thread *t)
{
    if (t->target != NULL)
        release(t->target);
    t->target = NULL;
    t->pc = IDLE;
    if (takes_lock(t->method))
        mutex_release(&stream.mutex, &t->held);
}

static void step_get_buffer(struct thread *t)
{
    struct stream *s = members(t);
    if (s->current == NULL)
        s->current = create();
    t->target = retain(s->current);
    t->pc = ADD;
}

static void encode(struct thread *t)
{
    struct stream *s = members(t);
    if (s->encoder.buffer == NULL) /* kernels coalesce in an open encoder */
        s->encoder = (struct encoder){t->target, 0};
    CHECK(s->encoder.buffer == t->target && t->target->status == UNCOMMITTED,
          "CB.EncoderOnUncommitted: the encoder is the current buffer's");
    s->encoder.kernels++;
    t->target->kernels++;
}

static void step_add(struct thread *t)
{
    if (t->method == ENCODE) {
        encode(t);
    } else {
        CHECK(t->target->status == UNCOMMITTED,
              "CB.HandlerBeforeCommit: a handler is added before the commit");
        t->target->handlers++;
    }
    finish(t);
}

/* ------------------------------------------------- methods that commit it */

static void step_end_coalescing(struct thread *t)
{
    struct stream *s = members(t);
#ifndef BROKEN_SKIP_END_COALESCING
    s->encoder.buffer = NULL;
#endif
    if (t->method == WAIT && s->previous != NULL) {
        if (s->previous->status != COMPLETED)
            return; /* waits for the device */
        release(s->previous);
        s->previous = NULL;
    }
    t->pc = COMMIT;
}

static void keep_or_drop(struct stream *s, struct command_buffer *buffer)
{
    if (s->continues) {
        release(buffer);
        return;
    }
    CHECK(buffer->status == COMMITTED || buffer->status == COMPLETED,
          "CB.PreviousCommitted: the previous buffer has been committed");
    if (s->previous != NULL)
        release(s->previous);
    s->previous = buffer;
}

static void step_commit(struct thread *t)
{
    struct stream *s = members(t);
    struct command_buffer *buffer = s->current;
    if (buffer == NULL) {
        finish(t);
        return;
    }
    bool commit = true;
#ifdef BROKEN_COMMIT_LATER
    commit = t->method == WAIT || s->continues;
#endif
#ifdef BROKEN_DROP_UNCOMMITTED
    commit = t->method == WAIT || !s->continues;
#endif
    if (commit) {
        CHECK(s->encoder.buffer == NULL,
              "CB.EncoderOnUncommitted: no encoder is open at the commit");
        CHECK(buffer->status == UNCOMMITTED,
              "CB.CommitOnce: a buffer is committed once");
        become(buffer, COMMITTED);
        retain(buffer); /* the device's */
    }
    s->current = NULL;
    if (t->method == WAIT) {
        t->target = buffer;
        t->pc = WAIT_CURRENT;
        return;
    }
    keep_or_drop(s, buffer);
    finish(t);
}

static void step_wait_current(struct thread *t)
{
    if (t->target->status == COMPLETED)
        finish(t);
}

/* ------------------------------------------------------------------- steps */

static void step_call(struct thread *t)
{
    t->method = (enum method)choose(METHODS);
    if (takes_lock(t->method) && !mutex_try(&stream.mutex, &t->held))
        return;
    if (t->method == ENCODE || t->method == HANDLER) {
        step_get_buffer(t);
    } else {
        t->pc = END_COALESCING;
        step_end_coalescing(t);
    }
}

static void step(struct thread *t)
{
    switch (t->pc) {
    case IDLE: step_call(t); break;
    case ADD: step_add(t); break;
    case END_COALESCING: step_end_coalescing(t); break;
    case COMMIT: step_commit(t); break;
    case WAIT_CURRENT: step_wait_current(t); break;
    }
}

/* The device completes what was committed, in order, and runs the handlers. */
static void step_device(void)
{
    for (unsigned i = 0; i < BUFFERS; i++) {
        if (record[i] == COMMITTED) {
            struct command_buffer *buffer = memory[i];
            become(buffer, COMPLETED);
#ifndef BROKEN_LOST_HANDLER
            buffer->handlers = 0;
#endif
            release(buffer);
            return;
        }
    }
}

static void check_members(void)
{
    if (stream.previous != NULL)
        CHECK(!stream.continues && stream.previous->status != UNCOMMITTED,
              "CB.PreviousCommitted: a previous buffer is kept to be waited for");
    if (stream.current != NULL)
        CHECK(stream.current->references > 0
                  && stream.current->status == UNCOMMITTED,
              "CB.NoUncommittedDropped: the current buffer is uncommitted and alive");
}

/* What an earlier flush has left, when commit-and-continue is off. */
static void earlier_flush(void)
{
    stream.previous = create();
    become(stream.previous, COMMITTED);
    retain(stream.previous); /* the device's */
}

/* A kernel that was encoded, into an encoder that is still open. */
static void earlier_encode(void)
{
    stream.current = create();
    stream.encoder = (struct encoder){stream.current, 1};
    stream.current->kernels = 1;
}

static void initialise(void)
{
    mutex_init(&stream.mutex, 0);
    stream.continues = nondet_bool();
    for (unsigned i = 0; i < THREADS; i++)
        threads[i].held.self = i;
    for (unsigned i = 0; i < BUFFERS; i++) {
        memory[i] = ALLOCATE_ALWAYS(struct command_buffer);
        *memory[i] = (struct command_buffer){.id = i};
    }
    if (!stream.continues && nondet_bool())
        earlier_flush();
    if (nondet_bool())
        earlier_encode();
}

int main(void)
{
    initialise();
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < THREADS; i++)
            if (nondet_bool())
                step(&threads[i]);
        if (nondet_bool())
            step_device();
    }
    check_members();
    for (unsigned i = 0; i < BUFFERS; i++)
        if (record[i] != RELEASED)
            free(memory[i]);
    return 0;
}
