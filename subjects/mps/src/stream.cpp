#include "stream.h"

#include <utility>

namespace mps {

void CommandBuffer::encode() {
  MutexLock lock(mutex_);
  ++kernels_;
}

bool CommandBuffer::addCompletedHandler(Handler handler) {
  MutexLock lock(mutex_);
  if (status_ != Status::Uncommitted)
    return false;
  handlers_.push_back(std::move(handler));
  return true;
}

void CommandBuffer::commit() {
  MutexLock lock(mutex_);
  status_ = Status::Committed;
}

// Handlers run without the mutex: they may take any lock themselves.
void CommandBuffer::complete() {
  std::vector<Handler> handlers;
  {
    MutexLock lock(mutex_);
    status_ = Status::Completed;
    handlers.swap(handlers_);
  }
  for (const Handler &handler : handlers)
    handler();
  completed_.notifyAll();
}

void CommandBuffer::waitUntilCompleted() {
  MutexLock lock(mutex_);
  while (status_ != Status::Completed)
    completed_.wait(mutex_);
}

const Stream::BufferRef &Stream::commandBuffer() {
  if (!current_)
    current_ = std::make_shared<CommandBuffer>();
  return current_;
}

// Kernels coalesce: an encoder that is open stays open.
void Stream::encodeKernel() {
  MutexLock lock(mutex_);
  if (!encoder_)
    encoder_ = commandBuffer();
  encoder_->encode();
}

bool Stream::addCompletedHandler(CommandBuffer::Handler handler) {
#ifndef BROKEN_HANDLER_OFF_LOCK
  MutexLock lock(mutex_);
#endif
  return commandBuffer()->addCompletedHandler(std::move(handler));
}

void Stream::endKernelCoalescing() { encoder_.reset(); }

Stream::BufferRef Stream::commit() {
  endKernelCoalescing();
  BufferRef buffer = std::move(current_);
  current_.reset();
  if (buffer)
    buffer->commit();
  return buffer;
}

// Critical bug 2 had methods like this one touch the members without the lock.
void Stream::flush() {
#ifdef BROKEN_MEMBERS_OFF_LOCK
  if (!current_)
    return;
#endif
  MutexLock lock(mutex_);
  BufferRef buffer = commit();
  if (buffer && !continues_)
    previous_ = std::move(buffer);
}

void Stream::commitAndWait() {
  BufferRef previous, buffer;
  {
    MutexLock lock(mutex_);
    previous = std::move(previous_);
    previous_.reset();
    buffer = commit();
  }
  if (previous)
    previous->waitUntilCompleted();
  if (buffer)
    buffer->waitUntilCompleted();
}

} // namespace mps
