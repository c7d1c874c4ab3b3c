// The stream pool: slots from an atomic word, bound to threads.
//
// Slots are claimed and given back by compare-and-swap and fetch-or on the free
// mask, without a lock, so none of that is for the thread-safety analysis.  What
// the mutex guards is the waiting: a thread that finds no slot sleeps until one
// is released, and whoever releases notifies under the mutex, so that no
// notification falls between a look at the mask and the sleep.

#ifndef MPS_STREAM_POOL_H
#define MPS_STREAM_POOL_H

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "stream.h"
#include "thread_safety.h"

namespace mps {

class StreamPool {
public:
  static constexpr int kStreams = 32; // stream 0 is the main thread's

  explicit StreamPool(bool commit_and_continue);

  // The calling thread's stream; null once the pool is closed.
  Stream *acquire() EXCLUDES(mutex_);
  void release(Stream *stream) EXCLUDES(mutex_);

  void close() EXCLUDES(mutex_); // wakes everybody who waits
  std::uint64_t waits() EXCLUDES(mutex_);

private:
  std::optional<int> claimLowestBit();
  std::optional<int> waitForSlot() EXCLUDES(mutex_);

  std::array<std::unique_ptr<Stream>, kStreams> streams_;
  std::atomic<std::uint32_t> free_mask_;
  Mutex mutex_;
  CondVar released_;
  bool alive_ GUARDED_BY(mutex_) = true;
  std::uint64_t waits_ GUARDED_BY(mutex_) = 0;
};

} // namespace mps

#endif
