// A stream on Metal's own types, parsed against the stub headers.
//
// The members are guarded by the mutex.  A method that is called with it held
// requires it.  Clang's analysis passes over the bodies of blocks, so a block here
// does nothing but call a method, which is analysed.

#import <Foundation/Foundation.h>
#import <Metal/Metal.h>

#include "thread_safety.h"

namespace mps {

class MetalStream {
public:
  explicit MetalStream(id<MTLCommandQueue> queue) : queue_(queue) {}

  void dispatch(id<MTLComputePipelineState> kernel, id<MTLBuffer> buffer,
                NSUInteger threads) EXCLUDES(mutex_);
  void onCompletion(dispatch_block_t handler) EXCLUDES(mutex_);
  void commit() EXCLUDES(mutex_);
  void commitAndWait() EXCLUDES(mutex_);
  NSUInteger completed() EXCLUDES(mutex_);

private:
  id<MTLCommandBuffer> commandBuffer() REQUIRES(mutex_);
  void endKernelCoalescing() REQUIRES(mutex_);
  id<MTLCommandBuffer> take() REQUIRES(mutex_);
  void noteCompletion() EXCLUDES(mutex_);

  const id<MTLCommandQueue> queue_;
  Mutex mutex_;
  id<MTLCommandBuffer> buffer_ GUARDED_BY(mutex_) = nil;
  id<MTLComputeCommandEncoder> encoder_ GUARDED_BY(mutex_) = nil;
  NSUInteger completed_ GUARDED_BY(mutex_) = 0;
};

id<MTLCommandBuffer> MetalStream::commandBuffer() {
  if (buffer_ == nil) {
    buffer_ = [[queue_ commandBuffer] retain];
    // interlock: allow(closure-escape) a model of who holds what: nothing here ends the life of a stream
    [buffer_ addCompletedHandler:^(id<MTLCommandBuffer>) {
      noteCompletion();
    }];
  }
  return buffer_;
}

void MetalStream::noteCompletion() {
#ifndef BROKEN_COMPLETION_OFF_LOCK
  MutexLock lock(mutex_);
#endif
  ++completed_;
}

void MetalStream::dispatch(id<MTLComputePipelineState> kernel, id<MTLBuffer> buffer,
                           NSUInteger threads) {
  MutexLock lock(mutex_);
  if (encoder_ == nil)
    encoder_ = [[commandBuffer() computeCommandEncoder] retain];
  [encoder_ setComputePipelineState:kernel];
  [encoder_ setBuffer:buffer offset:0 atIndex:0];
  [encoder_ dispatchThreads:MTLSizeMake(threads, 1, 1)
      threadsPerThreadgroup:MTLSizeMake([kernel maxTotalThreadsPerThreadgroup], 1, 1)];
}

void MetalStream::onCompletion(dispatch_block_t handler) {
  MutexLock lock(mutex_);
  [commandBuffer() addCompletedHandler:^(id<MTLCommandBuffer>) {
    handler();
  }];
}

void MetalStream::endKernelCoalescing() {
  [encoder_ endEncoding];
  [encoder_ release];
  encoder_ = nil;
}

id<MTLCommandBuffer> MetalStream::take() {
  endKernelCoalescing();
  id<MTLCommandBuffer> buffer = buffer_;
  [buffer commit];
  buffer_ = nil;
  return buffer;
}

void MetalStream::commit() {
#ifdef BROKEN_COMMIT_OFF_LOCK
  if (buffer_ == nil)
    return;
#endif
  MutexLock lock(mutex_);
  [take() release];
}

void MetalStream::commitAndWait() {
  id<MTLCommandBuffer> buffer;
  {
    MutexLock lock(mutex_);
    buffer = take();
  }
  [buffer waitUntilCompleted]; // without the mutex: handlers may take it
  [buffer release];
}

NSUInteger MetalStream::completed() {
  MutexLock lock(mutex_);
  return completed_;
}

} // namespace mps
