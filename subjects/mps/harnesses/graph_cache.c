/*
 * The cache of compiled graphs.
 *
 * Compiling takes long and is done outside the lock of the cache.  A thread that
 * misses compiles a graph of its own, takes the lock and inserts it, unless
 * another thread has been faster; then it throws its own away and uses the
 * other's.  A full cache evicts an entry that nobody refers to; if there is
 * none, the new graph stays private to its thread and dies with its use.
 * References are taken under the lock and dropped without it, which is why the
 * cache itself never frees a graph in use.
 *
 * A graph is a heap object with a heap object of its own (the executable), both
 * freed when the graph dies.
 *
 * Bound: THREADS threads, KEYS keys, CAPACITY entries, GRAPHS graphs compiled in
 * all, ROUNDS rounds (see threads.h).  The cache may hold a graph before the first
 * of them, which a thread may be using.
 */
#include "mutex.h"
#include "threads.h"

enum { THREADS = 2, KEYS = 2, CAPACITY = 1, GRAPHS = 3, ROUNDS = 5 };
enum pc { IDLE, COMPILE, INSERT_LOCK, INSERT, USE };
#define NO_KEY UINT_MAX

struct executable {
    unsigned key;
    unsigned runs;
};

struct graph {
    unsigned key;
    unsigned references; /* atomic */
    bool cached;
    struct executable *executable;
};

struct entry {
    unsigned key; /* NO_KEY if the entry is empty */
    struct graph *graph;
};

struct thread {
    struct held held;
    enum pc pc;
    unsigned key;
    struct graph *graph;
};

static struct mutex lock;
static struct entry entries[CAPACITY];
static unsigned n_entries;
static struct thread threads[THREADS];
static struct graph *memory[GRAPHS]; /* what the compiler will return */
static unsigned compiled;
static bool alive[GRAPHS]; /* record */

/* ------------------------------------------------------------------ graphs */

static struct graph *compile(unsigned key)
{
    __CPROVER_assume(compiled < GRAPHS); /* the run has no more */
    alive[compiled] = true;
    struct graph *graph = memory[compiled++];
    graph->key = key;
    graph->references = 1;
    graph->executable->key = key;
    return graph;
}

static bool is_alive(const struct graph *graph)
{
    bool found = false;
    for (unsigned i = 0; i < GRAPHS; i++)
        found = found || (memory[i] == graph && alive[i]);
    return found;
}

static void destroy(struct graph *graph)
{
    for (unsigned i = 0; i < GRAPHS; i++)
        if (memory[i] == graph)
            alive[i] = false;
    free(graph->executable);
    free(graph);
}

static void drop(struct graph *graph)
{
    CHECK(graph->references > 0,
          "GC.ReferencesConsistent: a reference that is dropped was held");
    graph->references--;
    if (graph->references == 0 && !graph->cached)
        destroy(graph);
}

/* ----------------------------------------------------------------- entries */

static struct graph *find(unsigned key)
{
    for (unsigned i = 0; i < CAPACITY; i++)
        if (entries[i].key == key)
            return entries[i].graph;
    return NULL;
}

static void refer(struct thread *t, struct graph *graph)
{
    graph->references++;
    t->graph = graph;
}

/* The entry to overwrite: one that is empty, or whose graph nobody refers to. */
static unsigned victim(void)
{
    unsigned place = 0;
#ifndef BROKEN_EVICT_IN_USE
    while (place < CAPACITY && entries[place].key != NO_KEY
           && entries[place].graph->references > 0)
        place++;
#endif
    return place;
}

static void insert(struct thread *t)
{
    CHECK(find(t->key) == NULL, "GC.NoDoubleInsert: a key is inserted once");
    unsigned place = victim();
    if (place == CAPACITY)
        return; /* every entry is in use: the graph stays private */
    if (entries[place].key != NO_KEY) {
        n_entries--;
#ifndef BROKEN_ORPHAN
        entries[place].graph->cached = false;
        destroy(entries[place].graph);
#endif
    }
    entries[place] = (struct entry){t->key, t->graph};
    t->graph->cached = true;
    n_entries++;
    CHECK(n_entries <= CAPACITY,
          "GC.CapacityRespected: the cache never exceeds its capacity");
}

/* ------------------------------------------------------------------- steps */

static void step_look_up(struct thread *t)
{
    if (!mutex_try(&lock, &t->held))
        return;
    t->key = choose(KEYS);
    struct graph *graph = find(t->key);
    if (graph != NULL) {
        refer(t, graph);
        t->pc = USE;
    } else {
        t->pc = COMPILE;
    }
#ifdef BROKEN_COMPILE_LOCKED
    if (t->pc == COMPILE)
        return;
#endif
    mutex_release(&lock, &t->held);
}

static void step_compile(struct thread *t)
{
    CHECK(lock.owner != t->held.self,
          "GC.CompileOutsideLock: nobody compiles under the lock of the cache");
    t->graph = compile(t->key);
    t->pc = INSERT_LOCK;
}

static void step_insert(struct thread *t)
{
    struct graph *theirs = find(t->key);
#ifdef BROKEN_BLIND_INSERT
    theirs = NULL;
#endif
    if (theirs != NULL) {
        drop(t->graph);
        t->graph = theirs;
#ifndef BROKEN_FORGET_REFERENCE
        refer(t, theirs);
#endif
    } else {
        insert(t);
    }
    mutex_release(&lock, &t->held);
    t->pc = USE;
}

static void step_use(struct thread *t)
{
    CHECK(is_alive(t->graph) && t->graph->key == t->key,
          "GC.NoUseAfterEvict: a graph in use exists and is the one asked for");
    CHECK(t->graph->executable->key == t->key,
          "GC.NoUseAfterEvict: its executable is the one compiled for the key");
    t->graph->executable->runs++;
    if (nondet_bool())
        return;
    drop(t->graph);
    t->graph = NULL;
    t->pc = IDLE;
}

static void step(struct thread *t)
{
    switch (t->pc) {
    case IDLE: step_look_up(t); break;
    case COMPILE: step_compile(t); break;
    case INSERT_LOCK:
        if (mutex_try(&lock, &t->held))
            t->pc = INSERT;
        break;
    case INSERT: step_insert(t); break;
    case USE: step_use(t); break;
    }
}

/* -------------------------------------------------------------- invariants */

static bool is_entry(const struct graph *graph)
{
    for (unsigned i = 0; i < CAPACITY; i++)
        if (entries[i].key == graph->key && entries[i].graph == graph)
            return true;
    return false;
}

static void check_graphs(void)
{
    for (unsigned i = 0; i < GRAPHS; i++) {
        if (!alive[i])
            continue;
        unsigned in_hand = 0;
        for (unsigned t = 0; t < THREADS; t++)
            in_hand += threads[t].graph == memory[i];
        CHECK(memory[i]->references == in_hand,
              "GC.ReferencesConsistent: the count is the number of users");
        CHECK(memory[i]->cached == is_entry(memory[i]),
              "GC.NoOrphan: a graph that was inserted is the entry of its key");
    }
}

/* What an earlier use has left in the cache, or is still at. */
static void earlier_use(struct thread *t)
{
    t->key = 0;
    t->graph = compile(t->key);
    insert(t);
    t->pc = USE;
    if (nondet_bool())
        step_use(t);
}

static void initialise(void)
{
    mutex_init(&lock, 0);
    for (unsigned i = 0; i < CAPACITY; i++)
        entries[i].key = NO_KEY;
    for (unsigned i = 0; i < THREADS; i++)
        threads[i].held.self = i;
    for (unsigned i = 0; i < GRAPHS; i++) {
        memory[i] = ALLOCATE_ALWAYS(struct graph);
        *memory[i] = (struct graph){.executable = ALLOCATE_ALWAYS(struct executable)};
        *memory[i]->executable = (struct executable){NO_KEY, 0};
    }
    if (nondet_bool())
        earlier_use(&threads[0]);
}

int main(void)
{
    initialise();
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned i = 0; i < THREADS; i++)
            if (nondet_bool())
                step(&threads[i]);
    check_graphs();
    for (unsigned i = 0; i < GRAPHS; i++)
        if (alive[i] || i >= compiled) {
            free(memory[i]->executable);
            free(memory[i]);
        }
    return 0;
}
