/*
 * The pools and heaps of the caching allocator, one thread at a time.
 *
 * malloc rounds the size up, picks a pool by size, and takes the smallest block
 * of the pool's list of available ones that is large enough; if there is none,
 * it cuts a new block from a heap with room, or creates a heap.  free gives the
 * block back to the list of the pool of its heap.  emptyCache deletes the free
 * blocks, and with the last block its heap.  Headers are created and deleted
 * for good, by malloc and free of the C library, either of which may fail; so
 * the pointer checks speak about the allocator's own use of its headers, and
 * the leak check about every path through it.
 *
 * A client knows a buffer by its address, here the number of its slot in the
 * table of allocated buffers.  It may free one twice, or one that has been
 * deleted in the meantime; the allocator then does nothing.
 *
 * Bound: OPERATIONS operations in any order, SLOTS addresses.
 */
#include "interlock.h"

enum { OPERATIONS = 3, SLOTS = 2 };
enum { SMALL_LIMIT = 20, GRANULE = 8, SMALL_HEAP = 32, LARGE_HEAP = 64 };

struct heap_block {
    unsigned size;
    unsigned available; /* bytes that no block has */
    unsigned n_buffers;
    struct buffer_pool *pool;
};

struct buffer_block {
    unsigned size;
    unsigned requested;
    unsigned use_count;
    bool in_use;
    struct heap_block *heap;
};

struct buffer_pool {
    unsigned heap_size;
    struct heap_block *heap;               /* the heap with room, if any */
    struct buffer_block *available[SLOTS]; /* by size, the smallest first */
    unsigned n_available;
};

static struct buffer_pool small_pool = {.heap_size = SMALL_HEAP};
static struct buffer_pool large_pool = {.heap_size = LARGE_HEAP};
static struct buffer_block *table[SLOTS]; /* m_allocated_buffers, by address */
static unsigned total_allocated;          /* bytes in heaps */
static unsigned total_in_use;             /* bytes in the hands of clients */

/* ------------------------------------------------------------------- heaps */

static unsigned round_up(unsigned size)
{
    return (size + GRANULE - 1) / GRANULE * GRANULE;
}

static struct buffer_pool *pool_for(unsigned size)
{
    return size <= SMALL_LIMIT ? &small_pool : &large_pool;
}

/* A heap with room for `size` bytes.  A full one is left to its blocks. */
static struct heap_block *heap_with_room(struct buffer_pool *pool, unsigned size)
{
    if (pool->heap != NULL && pool->heap->available >= size)
        return pool->heap;
    struct heap_block *heap = ALLOCATE(struct heap_block);
    if (heap == NULL)
        return NULL;
    *heap = (struct heap_block){pool->heap_size, pool->heap_size, 0, pool};
    total_allocated += heap->size;
    pool->heap = heap;
    return heap;
}

static void delete_heap(struct heap_block *heap)
{
    CHECK(heap->available == heap->size,
          "A.BufferConsistency: a heap without blocks has all its bytes");
    if (heap->pool->heap == heap)
        heap->pool->heap = NULL;
    total_allocated -= heap->size;
    free(heap);
}

/* ------------------------------------------------------------------ blocks */

static struct buffer_block *create_block(struct buffer_pool *pool, unsigned size)
{
    struct heap_block *heap = heap_with_room(pool, size);
    if (heap == NULL)
        return NULL;
    struct buffer_block *block = ALLOCATE(struct buffer_block);
    if (block == NULL) {
        if (heap->n_buffers == 0)
            delete_heap(heap);
        return NULL;
    }
    *block = (struct buffer_block){.size = size, .heap = heap};
    heap->available -= size;
    heap->n_buffers++;
    return block;
}

static void delete_block(struct buffer_block *block)
{
    struct heap_block *heap = block->heap;
    CHECK(!block->in_use, "A.NoUseAfterFree: no block is deleted while in use");
#ifndef BROKEN_LOST_BYTES
    heap->available += block->size;
#endif
    heap->n_buffers--;
    free(block);
    if (heap->n_buffers == 0)
        delete_heap(heap);
}

static bool is_available(const struct buffer_pool *pool,
                         const struct buffer_block *block)
{
    for (unsigned i = 0; i < SLOTS; i++)
        if (i < pool->n_available && pool->available[i] == block)
            return true;
    return false;
}

/* The smallest that is large enough; they are sorted, so it is the first. */
static struct buffer_block *take_available(struct buffer_pool *pool, unsigned size)
{
    unsigned at = 0;
    while (at < pool->n_available && pool->available[at]->size < size)
        at++;
    if (at == pool->n_available)
        return NULL;
    struct buffer_block *block = pool->available[at];
    CHECK(!block->in_use && block->size >= size,
          "A.BufferConsistency: an available block is free and holds what is asked");
    pool->n_available--;
    for (unsigned i = 0; i + 1 < SLOTS; i++)
        if (i >= at)
            pool->available[i] = pool->available[i + 1];
    return block;
}

static void put_available(struct buffer_pool *pool, struct buffer_block *block)
{
    CHECK(pool->n_available < SLOTS && !is_available(pool, block),
          "A.NoDoubleFree: a block that is freed is not free");
    unsigned at = pool->n_available++;
    for (; at > 0 && pool->available[at - 1]->size > block->size; at--)
        pool->available[at] = pool->available[at - 1];
    pool->available[at] = block;
}

/* ------------------------------------------------------------ the interface */

static unsigned slot_of(const struct buffer_block *block)
{
    unsigned slot = 0;
    while (slot < SLOTS && table[slot] != block)
        slot++;
    return slot;
}

/* Returns the address, or SLOTS when there is no memory. */
static unsigned mps_malloc(unsigned requested)
{
    unsigned size = round_up(requested);
    struct buffer_pool *pool = pool_for(size);
    struct buffer_block *block = take_available(pool, size);
    unsigned slot = slot_of(block); /* an empty one if there is no block */
    CHECK(block == NULL || slot < SLOTS,
          "A.BufferConsistency: an available block is in the table");
    if (block == NULL && slot < SLOTS)
        block = table[slot] = create_block(pool, size);
    if (block == NULL)
        return SLOTS;
    block->use_count++;
    block->in_use = true;
    block->requested = requested;
    total_in_use += block->size;
    return slot;
}

static void mps_free(unsigned slot)
{
    struct buffer_block *block = table[slot];
    if (block == NULL)
        return;
#ifndef BROKEN_DOUBLE_FREE
    if (!block->in_use)
        return;
#endif
    struct buffer_pool *pool = block->heap->pool;
#ifdef BROKEN_WRONG_POOL
    pool = pool_for(block->requested); /* not rounded up, as malloc does */
#endif
    CHECK(pool == block->heap->pool,
          "A.PoolsDisjoint: a free list holds only blocks of its own pool");
    if (block->in_use)
        total_in_use -= block->size;
    block->in_use = false;
    put_available(pool, block);
}

static void empty_cache(struct buffer_pool *pool)
{
    for (unsigned i = 0; i < SLOTS; i++)
        if (table[i] != NULL && is_available(pool, table[i])) {
            delete_block(table[i]);
            table[i] = NULL;
        }
    pool->n_available = 0;
}

/* -------------------------------------------------------------- invariants */

static void check_block(const struct buffer_block *block)
{
    CHECK(block->in_use != is_available(block->heap->pool, block),
          "A.BufferConsistency: a block is in use or available");
    CHECK(block->requested <= block->size && block->use_count > 0,
          "A.BufferConsistency: a block is as large as was asked");
}

static void check_accounts(void)
{
    unsigned in_use = 0, listed = 0, present = 0;
    for (unsigned i = 0; i < SLOTS; i++)
        if (table[i] != NULL) {
            check_block(table[i]);
            present++;
            in_use += table[i]->in_use ? table[i]->size : 0;
            listed += !table[i]->in_use;
        }
    CHECK(in_use == total_in_use, "A.BufferConsistency: the total is the sum");
    CHECK(listed == small_pool.n_available + large_pool.n_available,
          "A.BufferConsistency: the free lists hold the free blocks of the table");
    CHECK(present > 0 || total_allocated == 0,
          "A.BufferConsistency: no heap outlives its last block");
}

/* -------------------------------------------------------------- the client */

static void operation(void)
{
    switch (choose(3)) {
    case 0:
        mps_malloc(1 + choose(2 * SMALL_LIMIT));
        break;
    case 1:
        mps_free(choose(SLOTS));
        break;
    case 2:
        empty_cache(nondet_bool() ? &small_pool : &large_pool);
        break;
    }
}

int main(void)
{
    for (unsigned i = 0; i < OPERATIONS; i++) {
        operation();
        check_accounts();
    }
    for (unsigned i = 0; i < SLOTS; i++)
        mps_free(i);
    empty_cache(&small_pool);
    empty_cache(&large_pool);
    CHECK(total_allocated == 0 && total_in_use == 0,
          "A.BufferConsistency: nothing is left when all is freed");
    return 0;
}
