// A stream: the current and the previous command buffer, and the open encoder.
//
// Several threads may use one stream.  Its members are guarded by its mutex;
// every public method takes it, and what public methods share is a private
// method that requires it.  (The product's mutex is recursive, which Clang's
// analysis does not know; the split into locked and unlocked methods needs no
// recursion.)  Waiting for the device happens without the mutex.

#ifndef MPS_STREAM_H
#define MPS_STREAM_H

#include <functional>
#include <memory>
#include <vector>

#include "thread_safety.h"

namespace mps {

// What Metal makes of it: uncommitted, committed, completed.
class CommandBuffer {
public:
  enum class Status { Uncommitted, Committed, Completed };
  using Handler = std::function<void()>;

  void encode();
  bool addCompletedHandler(Handler handler) EXCLUDES(mutex_); // false if too late
  void commit() EXCLUDES(mutex_);
  void complete() EXCLUDES(mutex_); // by the device
  void waitUntilCompleted() EXCLUDES(mutex_);

private:
  Mutex mutex_;
  CondVar completed_;
  Status status_ GUARDED_BY(mutex_) = Status::Uncommitted;
  std::vector<Handler> handlers_ GUARDED_BY(mutex_);
  int kernels_ GUARDED_BY(mutex_) = 0;
};

class Stream {
public:
  explicit Stream(int index, bool commit_and_continue)
      : index_(index), continues_(commit_and_continue) {}

  int index() const { return index_; }

  void encodeKernel() EXCLUDES(mutex_);
  bool addCompletedHandler(CommandBuffer::Handler handler) EXCLUDES(mutex_);
  void flush() EXCLUDES(mutex_);
  void commitAndWait() EXCLUDES(mutex_);

private:
  using BufferRef = std::shared_ptr<CommandBuffer>;

  const BufferRef &commandBuffer() REQUIRES(mutex_);
  void endKernelCoalescing() REQUIRES(mutex_);
  BufferRef commit() REQUIRES(mutex_); // null if there was nothing to commit

  const int index_;
  const bool continues_;
  Mutex mutex_;
  BufferRef current_ GUARDED_BY(mutex_);
  BufferRef previous_ GUARDED_BY(mutex_);
  BufferRef encoder_ GUARDED_BY(mutex_); // the buffer of the open encoder
};

} // namespace mps

#endif
