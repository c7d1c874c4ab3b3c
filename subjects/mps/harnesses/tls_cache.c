/*
 * The cache of freed blocks that each thread has in front of the allocator.
 *
 * A free puts the block into the cache of the calling thread if there is room,
 * and a malloc takes it out again, without a lock; otherwise both go to the
 * pool, under its mutex.  A thread that exits, and every thread at shutdown,
 * flushes its cache into the pool; only then may the pool be destroyed.
 *
 * A block taken from a cache is prepared without a lock, so the order of two
 * stores matters: use_count is incremented before in_use is set.  A third party
 * that re-checks its captured use_count in between (the reader here, on a block
 * it has looked up) must not take the new incarnation for the old one.
 *
 * Blocks are heap objects and are deleted with the pool; a block that a cache
 * keeps beyond that is lost, and the leak check finds it.
 *
 * Bound: THREADS threads and one reader, BLOCKS blocks, caches of CAPACITY,
 * ROUNDS rounds (see threads.h).
 */
#include "mutex.h"
#include "threads.h"

enum { THREADS = 2, BLOCKS = 2, CAPACITY = 1, ROUNDS = 4 };
enum pc { IDLE, PUBLISH, POOL_TAKE, POOL_PUT, FLUSH, EXITED };
enum reader_pc { LOOK_UP, RECHECK };

struct buffer_block {
    uint32_t use_count; /* atomic */
    bool in_use;        /* atomic */
    unsigned incarnation;
};

struct cache {
    struct buffer_block *blocks[CAPACITY];
    unsigned count;
};

struct thread {
    struct held held;
    enum pc pc;
    struct cache cache;
    struct buffer_block *block; /* being prepared, or being freed */
    struct buffer_block *owned; /* in the hands of its client */
};

struct reader {
    enum reader_pc pc;
    struct buffer_block *block;
    uint32_t captured;
    unsigned looked_up;
};

static struct mutex pool_mutex;
static struct buffer_block *available[BLOCKS];
static unsigned n_available;
static bool stopping, destroyed;
static struct thread threads[THREADS];
static struct reader reader;
static struct buffer_block *all[BLOCKS]; /* the table; NULL when deleted */

/* ------------------------------------------------------------------- caches */

static bool cache_put(struct cache *cache, struct buffer_block *block)
{
#ifndef BROKEN_NO_CAPACITY_TEST
    if (cache->count == CAPACITY)
        return false;
#endif
    CHECK(cache->count < CAPACITY,
          "A.CacheBounded: a thread's cache never exceeds its capacity");
    cache->blocks[cache->count++] = block;
    return true;
}

static struct buffer_block *cache_take(struct cache *cache)
{
    if (cache->count == 0)
        return NULL;
    struct buffer_block *block = cache->blocks[--cache->count];
    cache->blocks[cache->count] = NULL;
    return block;
}

static unsigned places_of(const struct buffer_block *block)
{
    unsigned places = 0;
    for (unsigned i = 0; i < BLOCKS; i++)
        places += i < n_available && available[i] == block;
    for (unsigned t = 0; t < THREADS; t++) {
        for (unsigned i = 0; i < CAPACITY; i++)
            places += threads[t].cache.blocks[i] == block;
        places += threads[t].block == block;
        places += threads[t].owned == block;
    }
    return places;
}

/* -------------------------------------------------------------------- pool */

static void pool_put(struct buffer_block *block)
{
    CHECK(n_available < BLOCKS && !block->in_use,
          "A.NoDoubleFree: what comes back to the pool is free, and was not there");
    available[n_available++] = block;
}

static struct buffer_block *pool_take(void)
{
    if (n_available == 0)
        return NULL;
    struct buffer_block *block = available[--n_available];
    CHECK(!block->in_use, "A.BufferConsistency: the pool holds free blocks only");
    return block;
}

/* ------------------------------------------------------------------ malloc */

static void increment(struct buffer_block *block)
{
    block->use_count = wrapping_add(block->use_count, 1u);
}

/* Out of the cache: two stores without a lock, each visible to others. */
static void first_store(struct thread *t)
{
    t->block->incarnation++;
#ifdef BROKEN_PUBLISH_FIRST
    t->block->in_use = true;
#else
    increment(t->block);
#endif
    t->pc = PUBLISH;
}

static void second_store(struct thread *t)
{
#ifdef BROKEN_PUBLISH_FIRST
    increment(t->block);
#else
    t->block->in_use = true;
#endif
    t->owned = t->block;
    t->block = NULL;
    t->pc = IDLE;
}

static void begin_malloc(struct thread *t)
{
    bool fits = nondet_bool(); /* what the cache has may be of another size */
    t->block = fits ? cache_take(&t->cache) : NULL;
    if (t->block != NULL)
        first_store(t);
    else if (mutex_try(&pool_mutex, &t->held))
        t->pc = POOL_TAKE;
}

static void finish_malloc(struct thread *t)
{
    struct buffer_block *block = pool_take();
    if (block != NULL) {
        block->incarnation++;
        increment(block);
        block->in_use = true;
        t->owned = block;
    }
    mutex_release(&pool_mutex, &t->held);
    t->pc = IDLE;
}

/* -------------------------------------------------------------------- free */

static void begin_free(struct thread *t)
{
    struct buffer_block *block = t->owned;
    CHECK(block->in_use, "A.NoUseAfterFree: what a client frees is in use");
    block->in_use = false;
    if (!cache_put(&t->cache, block)) {
        t->block = block;
        t->pc = POOL_PUT;
    }
#ifdef BROKEN_KEEP_POINTER
    if (nondet_bool())
        return;
#endif
    t->owned = NULL;
}

static void finish_free(struct thread *t)
{
    if (!mutex_try(&pool_mutex, &t->held))
        return;
    pool_put(t->block);
    t->block = NULL;
    mutex_release(&pool_mutex, &t->held);
    t->pc = IDLE;
}

/* ---------------------------------------------------------- exit, shutdown */

static void flush(struct thread *t)
{
#ifndef BROKEN_SKIP_FLUSH
    if (!mutex_try(&pool_mutex, &t->held))
        return;
    for (unsigned i = 0; i < CAPACITY; i++) {
        struct buffer_block *block = cache_take(&t->cache);
        if (block != NULL)
            pool_put(block);
    }
    mutex_release(&pool_mutex, &t->held);
#endif
    t->pc = EXITED;
}

static void destroy_pool(void)
{
    for (unsigned i = 0; i < THREADS; i++)
        if (threads[i].pc != EXITED)
            return;
    for (unsigned i = 0; i < THREADS; i++)
        CHECK(threads[i].cache.count == 0,
              "A.BufferConsistency: no cache outlives the pool");
    for (unsigned i = 0; i < BLOCKS && i < n_available; i++)
        for (unsigned j = 0; j < BLOCKS; j++)
            if (all[j] == available[i])
                all[j] = NULL;
    for (unsigned i = 0; i < BLOCKS; i++)
        if (i < n_available)
            free(available[i]);
    n_available = 0;
    destroyed = true;
}

/* ------------------------------------------------------------------- steps */

static void step_idle(struct thread *t)
{
    if (t->owned != NULL)
        begin_free(t);
    else if (stopping)
        t->pc = FLUSH;
    else
        begin_malloc(t);
}

static void step(struct thread *t)
{
    switch (t->pc) {
    case IDLE: step_idle(t); break;
    case PUBLISH: second_store(t); break;
    case POOL_TAKE: finish_malloc(t); break;
    case POOL_PUT: finish_free(t); break;
    case FLUSH: flush(t); break;
    case EXITED: break;
    }
}

/* The double check of aba_detection.c, seen from the caches. */
static void step_reader(struct reader *r)
{
    if (r->pc == LOOK_UP) {
        r->block = all[choose(BLOCKS)];
        if (r->block == NULL || !r->block->in_use)
            return;
        r->captured = r->block->use_count;
        r->looked_up = r->block->incarnation;
        r->pc = RECHECK;
        return;
    }
    bool there = false;
    for (unsigned i = 0; i < BLOCKS; i++)
        there = there || all[i] == r->block;
    if (there && r->block->in_use && r->block->use_count == r->captured)
        CHECK(r->block->incarnation == r->looked_up,
              "A.ABADetectionSound: the re-check accepts no later incarnation");
    r->pc = LOOK_UP;
}

static void check_blocks(void)
{
    for (unsigned i = 0; i < BLOCKS; i++)
        if (all[i] != NULL)
            CHECK(places_of(all[i]) == 1,
                  "A.BufferConsistency: a block is in exactly one place");
}

int main(void)
{
    mutex_init(&pool_mutex, 0);
    for (unsigned i = 0; i < THREADS; i++)
        threads[i].held.self = i;
    for (unsigned i = 0; i < BLOCKS; i++) {
        all[i] = ALLOCATE_ALWAYS(struct buffer_block);
        *all[i] = (struct buffer_block){.use_count = nondet_uint()};
        if (i > 0 || !nondet_bool() || !cache_put(&threads[0].cache, all[0]))
            pool_put(all[i]);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < THREADS; i++)
            if (nondet_bool())
                step(&threads[i]);
        check_blocks();
        if (nondet_bool())
            step_reader(&reader);
        stopping = stopping || nondet_bool();
        if (stopping && !destroyed)
            destroy_pool();
    }
    for (unsigned i = 0; i < BLOCKS; i++) /* what the schedule has not finished */
        if (!destroyed)
            free(all[i]);
    return 0;
}
