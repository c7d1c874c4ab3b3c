#include "stream_pool.h"

namespace mps {

StreamPool::StreamPool(bool commit_and_continue) : free_mask_(~std::uint32_t{1}) {
  for (int i = 0; i < kStreams; ++i)
    streams_[i] = std::make_unique<Stream>(i, commit_and_continue);
}

std::optional<int> StreamPool::claimLowestBit() {
  std::uint32_t mask = free_mask_.load(std::memory_order_relaxed);
  while (mask != 0) {
    const std::uint32_t without = mask & (mask - 1);
    if (free_mask_.compare_exchange_weak(mask, without, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
      int index = 0;
      for (std::uint32_t bit = mask ^ without; bit > 1; bit >>= 1)
        ++index;
      return index;
    }
  }
  return std::nullopt;
}

std::optional<int> StreamPool::waitForSlot() {
  MutexLock lock(mutex_);
  ++waits_;
  while (alive_) {
    if (std::optional<int> index = claimLowestBit())
      return index;
    released_.wait(mutex_);
  }
  return std::nullopt;
}

Stream *StreamPool::acquire() {
  std::optional<int> index = claimLowestBit();
  if (!index)
    index = waitForSlot();
  return index ? streams_[*index].get() : nullptr;
}

void StreamPool::release(Stream *stream) {
  free_mask_.fetch_or(std::uint32_t{1} << stream->index(), std::memory_order_release);
  MutexLock lock(mutex_);
  released_.notifyOne();
}

void StreamPool::close() {
#ifndef BROKEN_CLOSE_OFF_LOCK
  MutexLock lock(mutex_);
#endif
  alive_ = false;
  released_.notifyAll();
}

std::uint64_t StreamPool::waits() {
  MutexLock lock(mutex_);
  return waits_;
}

} // namespace mps
