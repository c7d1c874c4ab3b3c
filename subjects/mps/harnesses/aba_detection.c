/*
 * The allocator's double check against ABA.
 *
 * An operation that is given a pointer finds its block in the table under
 * m_mutex and learns from it which pool's mutex to take.  That mutex comes
 * first in the lock order, so m_mutex is released; until both are held, the
 * block may be freed, handed out again, or deleted and created anew at the same
 * address.  The operation therefore captures use_count before it lets go, and
 * compares when it holds both locks: the same block is in the table, its
 * use_count is the captured one, and it is in use.  Modelled here are
 * getSharedBufferPtr (as QUERY), free, malloc and emptyCache, in any mixture.
 *
 * use_count is a 32-bit counter that wraps round, and it starts anywhere.  Two
 * incarnations of a block can be told apart unless 2^32 allocations lie between
 * them, which no schedule here can reach.  It belongs to the address: emptyCache
 * forgets the block but not its counter.  `incarnation` is the harness's own
 * record of what really happened.
 *
 * Bound: THREADS threads, BLOCKS blocks, ROUNDS rounds (see threads.h).  Threads
 * may have looked a block up before the first of them.
 */
#include "mutex.h"
#include "threads.h"

enum { THREADS = 2, BLOCKS = 2, ROUNDS = 6 };
enum { RANK_POOL, RANK_TABLE };
enum operation { QUERY, FREE, MALLOC, EMPTY, OPERATIONS };
enum pc { IDLE, LOCK_POOL, ACT, TAKE };

struct buffer_block {
    uint32_t use_count; /* atomic: here every step is */
    bool in_use;       /* atomic */
    unsigned char contents; /* stands for the device's memory */
    struct buffer_block *next; /* in the pool's list of available blocks */
    bool listed;
    unsigned incarnation;
};

struct buffer_pool {
    struct mutex mutex;
    struct buffer_block *available;
};

struct allocator {
    struct mutex m_mutex;
    struct buffer_pool pool;
    struct buffer_block *headers[BLOCKS]; /* one for each address */
    struct buffer_block *table[BLOCKS];   /* m_allocated_buffers */
};

struct thread {
    struct held held;
    enum pc pc;
    enum operation operation;
    unsigned key;               /* the address it was given */
    struct buffer_block *block; /* what the first look-up found */
    uint32_t captured;
    unsigned looked_up; /* the incarnation that the first look-up found */
};

static struct allocator allocator;
static struct thread threads[THREADS];

/* ------------------------------------------------------------------- locks */

static bool lock_pool(struct thread *t)
{
    CHECK(in_order(&allocator.pool.mutex, &t->held),
          "A.LockOrderNoDeadlock: nobody waits for a pool while holding a lock");
    return mutex_try(&allocator.pool.mutex, &t->held);
}

static bool lock_table(struct thread *t)
{
    CHECK(in_order(&allocator.m_mutex, &t->held),
          "A.LockOrderNoDeadlock: m_mutex is the last lock to be taken");
    return mutex_try(&allocator.m_mutex, &t->held);
}

/* ------------------------------------------------------------------ malloc */

static void hand_out(struct buffer_block *block)
{
    uint32_t before = block->use_count;
#ifndef BROKEN_NO_INCREMENT
    block->use_count = wrapping_add(block->use_count, 1u);
    CHECK(wrapping_sub(block->use_count, before) == 1u,
          "A.GenerationMonotone: each allocation takes use_count one further");
#endif
    (void)before;
    block->incarnation++;
    block->in_use = true;
}

static struct buffer_block *take_available(struct buffer_pool *pool)
{
    struct buffer_block *block = pool->available;
    if (block == NULL)
        return NULL;
    CHECK(block->listed && !block->in_use,
          "A.BufferConsistency: the list of available blocks has only free ones");
    pool->available = block->next;
    block->next = NULL;
    block->listed = false;
    return block;
}

/* A header for an address that the table does not know. */
static struct buffer_block *create_block(struct allocator *a)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (a->table[i] == NULL) {
            struct buffer_block *block = a->headers[i];
#ifdef BROKEN_RESTART_GENERATION
            block->use_count = 0u;
#endif
            a->table[i] = block;
            return block;
        }
    }
    return NULL;
}

static void step_take(struct thread *t)
{
    struct buffer_block *block = take_available(&allocator.pool);
    if (block == NULL && lock_table(t)) {
        block = create_block(&allocator);
        mutex_release(&allocator.m_mutex, &t->held);
    }
    if (block != NULL)
        hand_out(block);
    mutex_release(&allocator.pool.mutex, &t->held);
    t->pc = IDLE;
}

/* -------------------------------------------------------- look-up, re-check */

static void step_look_up(struct thread *t)
{
    struct buffer_block *block = allocator.table[t->key];
    if (block != NULL && block->in_use) {
        t->block = block;
        t->captured = block->use_count;
        t->looked_up = block->incarnation;
        t->pc = LOCK_POOL;
    }
}

static bool still_the_same(const struct thread *t)
{
    const struct buffer_block *block = allocator.table[t->key];
    if (block == NULL || block != t->block)
        return false;
#ifndef BROKEN_NO_RECHECK
    if (block->use_count != t->captured)
        return false;
#endif
#ifndef BROKEN_NO_IN_USE_TEST
    if (!block->in_use)
        return false;
#endif
    return true;
}

static void free_block(struct buffer_pool *pool, struct buffer_block *block)
{
    CHECK(!block->listed, "A.NoDoubleFree: a block that is freed is not free");
    block->in_use = false;
    block->next = pool->available;
    block->listed = true;
    pool->available = block;
}

static void step_act(struct thread *t)
{
    if (still_the_same(t)) {
        struct buffer_block *block = t->block;
        CHECK(allocator.table[t->key] == block,
              "A.BufferConsistency: an operation acts on a block of the table");
        CHECK(block->in_use,
              "A.NoUseAfterFree: an operation acts on a block in use");
        CHECK(block->incarnation == t->looked_up,
              "A.ABADetectionSound: it acts on the incarnation it looked up");
        if (t->operation == FREE)
            free_block(&allocator.pool, block);
        else
            block->contents = (unsigned char)t->held.self;
    }
    mutex_release(&allocator.m_mutex, &t->held);
    mutex_release(&allocator.pool.mutex, &t->held);
    t->block = NULL;
    t->pc = IDLE;
}

/* -------------------------------------------------------------- emptyCache */

static void empty_cache(struct allocator *a)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        struct buffer_block *block = a->table[i];
        if (block != NULL && block->listed) {
            a->table[i] = NULL;
            block->listed = false;
        }
    }
    a->pool.available = NULL;
}

/* ------------------------------------------------------------------- steps */

static void step_begin(struct thread *t)
{
    t->operation = (enum operation)choose(OPERATIONS);
    if (t->operation == MALLOC) {
        if (lock_pool(t))
            t->pc = TAKE;
    } else if (t->operation == EMPTY) {
        if (lock_pool(t)) {
            if (lock_table(t)) {
                empty_cache(&allocator);
                mutex_release(&allocator.m_mutex, &t->held);
            }
            mutex_release(&allocator.pool.mutex, &t->held);
        }
    } else if (lock_table(t)) {
        t->key = choose(BLOCKS);
        step_look_up(t);
#ifdef BROKEN_HOLD_ACROSS
        if (t->pc == LOCK_POOL)
            return;
#endif
        mutex_release(&allocator.m_mutex, &t->held);
    }
}

static void step(struct thread *t)
{
    switch (t->pc) {
    case IDLE:
        step_begin(t);
        break;
    case LOCK_POOL:
        if (lock_pool(t))
            t->pc = ACT;
        break;
    case ACT:
        if (lock_table(t))
            step_act(t);
        break;
    case TAKE:
        step_take(t);
        break;
    }
}

/* The first step of an operation, made before the run begins. */
static void earlier_look_up(struct thread *t)
{
    t->operation = nondet_bool() ? QUERY : FREE;
    t->key = 0; /* the block that initialise has handed out */
    step_look_up(t);
}

static void initialise(void)
{
    mutex_init(&allocator.m_mutex, RANK_TABLE);
    mutex_init(&allocator.pool.mutex, RANK_POOL);
    for (unsigned i = 0; i < BLOCKS; i++) {
        struct buffer_block *block = ALLOCATE_ALWAYS(struct buffer_block);
        *block = (struct buffer_block){.use_count = nondet_uint()};
        allocator.headers[i] = block;
    }
    for (unsigned i = 0; i < THREADS; i++)
        threads[i].held.self = i;
    hand_out(create_block(&allocator));
    for (unsigned i = 0; i < THREADS; i++)
        if (nondet_bool())
            earlier_look_up(&threads[i]);
}

int main(void)
{
    initialise();
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned i = 0; i < THREADS; i++)
            if (nondet_bool())
                step(&threads[i]);
    for (unsigned i = 0; i < BLOCKS; i++)
        free(allocator.headers[i]);
    return 0;
}
