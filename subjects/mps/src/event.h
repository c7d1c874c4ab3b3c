// An event, whose completion callbacks capture `this` and run on another thread.
//
// What owner and callbacks share is guarded by the event's mutex: the flag, the
// epoch of the present owner, and the number of callbacks that are pending.  The
// number is incremented before a callback is scheduled and decremented as the
// last thing the callback does, and the destructor is preceded by a wait for
// zero, for a bounded time.  An event that is not released is left to leak.

#ifndef MPS_EVENT_H
#define MPS_EVENT_H

#include <chrono>

#include "stream.h"
#include "thread_safety.h"

namespace mps {

class Event {
public:
  // False if the command buffer has been committed already.
  bool record(Stream &stream) EXCLUDES(mutex_);
  bool query() const EXCLUDES(mutex_);
  void synchronize() EXCLUDES(mutex_);
  void reset() EXCLUDES(mutex_); // for the next owner

  // Deletes the event when no callback is pending, or returns false in the end.
  static bool destroy(Event *event, std::chrono::milliseconds patience);

private:
  void notify(unsigned epoch) EXCLUDES(mutex_); // the callback
  void reportLocked(unsigned epoch) REQUIRES(mutex_);

  mutable Mutex mutex_;
  CondVar changed_;
  bool completed_ GUARDED_BY(mutex_) = false;
  unsigned epoch_ GUARDED_BY(mutex_) = 0;
  unsigned pending_ GUARDED_BY(mutex_) = 0;
};

} // namespace mps

#endif
