// A stub of libdispatch: declarations enough to parse and analyse, none to run.

#ifndef MPS_STUB_DISPATCH_H
#define MPS_STUB_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dispatch_queue_s *dispatch_queue_t;
typedef struct dispatch_queue_attr_s *dispatch_queue_attr_t;
typedef struct dispatch_semaphore_s *dispatch_semaphore_t;
typedef struct dispatch_group_s *dispatch_group_t;
typedef intptr_t dispatch_once_t;
typedef uint64_t dispatch_time_t;
typedef void (^dispatch_block_t)(void);
typedef void (*dispatch_function_t)(void *);

#define DISPATCH_QUEUE_SERIAL ((dispatch_queue_attr_t)0)
#define DISPATCH_TIME_NOW ((dispatch_time_t)0)
#define DISPATCH_TIME_FOREVER (~(dispatch_time_t)0)
#define DISPATCH_QUEUE_PRIORITY_DEFAULT 0
#define NSEC_PER_SEC 1000000000ull
#define NSEC_PER_MSEC 1000000ull

dispatch_queue_t dispatch_queue_create(const char *label, dispatch_queue_attr_t attr);
dispatch_queue_t dispatch_get_global_queue(intptr_t priority, uintptr_t flags);
dispatch_queue_t dispatch_get_main_queue(void);

// The block does not outlive the call of the first; it does that of the second.
void dispatch_sync(dispatch_queue_t queue,
                   __attribute__((noescape)) dispatch_block_t block);
void dispatch_async(dispatch_queue_t queue, dispatch_block_t block);
void dispatch_after(dispatch_time_t when, dispatch_queue_t queue,
                    dispatch_block_t block);
void dispatch_once(dispatch_once_t *predicate,
                   __attribute__((noescape)) dispatch_block_t block);

void dispatch_queue_set_specific(dispatch_queue_t queue, const void *key,
                                 void *context, dispatch_function_t destructor);
void *dispatch_get_specific(const void *key);
void *dispatch_queue_get_specific(dispatch_queue_t queue, const void *key);

dispatch_semaphore_t dispatch_semaphore_create(intptr_t value);
intptr_t dispatch_semaphore_wait(dispatch_semaphore_t semaphore,
                                 dispatch_time_t timeout);
intptr_t dispatch_semaphore_signal(dispatch_semaphore_t semaphore);
dispatch_time_t dispatch_time(dispatch_time_t when, int64_t delta);

dispatch_group_t dispatch_group_create(void);
void dispatch_group_enter(dispatch_group_t group);
void dispatch_group_leave(dispatch_group_t group);
intptr_t dispatch_group_wait(dispatch_group_t group, dispatch_time_t timeout);

void dispatch_release(void *object);
void dispatch_retain(void *object);

#ifdef __cplusplus
}
#endif

#endif
