#include "event.h"

namespace mps {

bool Event::record(Stream &stream) {
  unsigned epoch;
  {
    MutexLock lock(mutex_);
    completed_ = false;
    ++pending_; // before the callback can run
    epoch = epoch_;
  }
  // interlock: allow(closure-escape) destroy() waits until no callback is pending, and only it deletes
  if (stream.addCompletedHandler([this, epoch] { notify(epoch); }))
    return true;
  MutexLock lock(mutex_);
  --pending_;
  return false;
}

// A callback reports to the owner that scheduled it, and to no later one.
void Event::reportLocked(unsigned epoch) {
  if (epoch == epoch_)
    completed_ = true;
}

// Notifies under the mutex: once it is released, the event may be gone.
void Event::notify(unsigned epoch) {
#ifdef BROKEN_CALLBACK_OFF_LOCK
  completed_ = true;
#endif
  MutexLock lock(mutex_);
  reportLocked(epoch);
  --pending_;
  changed_.notifyAll();
}

bool Event::query() const {
  MutexLock lock(mutex_);
  return completed_;
}

void Event::synchronize() {
  MutexLock lock(mutex_);
  while (!completed_)
    changed_.wait(mutex_);
}

void Event::reset() {
#ifndef BROKEN_RESET_OFF_LOCK
  MutexLock lock(mutex_);
#endif
  ++epoch_;
  completed_ = false;
}

bool Event::destroy(Event *event, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  {
    MutexLock lock(event->mutex_);
    while (event->pending_ != 0)
      if (!event->changed_.waitUntil(event->mutex_, deadline) && event->pending_ != 0)
        return false; // abandoned: a leak is the price of a silent device
  }
  delete event;
  return true;
}

} // namespace mps
