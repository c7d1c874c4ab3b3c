// Clang's thread-safety attributes, and mutexes that carry them.
//
// The attributes mean nothing to other compilers, which see the plain classes.
// A mutex is a capability; MutexLock holds it for a scope; CondVar releases it
// while it waits and has it again when it returns, so for the analysis, as for
// its caller, the mutex is held throughout.

#ifndef MPS_THREAD_SAFETY_H
#define MPS_THREAD_SAFETY_H

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define MPS_ATTRIBUTE(x) __attribute__((x))
#else
#define MPS_ATTRIBUTE(x)
#endif

#define CAPABILITY(name) MPS_ATTRIBUTE(capability(name))
#define SCOPED_CAPABILITY MPS_ATTRIBUTE(scoped_lockable)
#define GUARDED_BY(mutex) MPS_ATTRIBUTE(guarded_by(mutex))
#define PT_GUARDED_BY(mutex) MPS_ATTRIBUTE(pt_guarded_by(mutex))
#define ACQUIRED_AFTER(...) MPS_ATTRIBUTE(acquired_after(__VA_ARGS__))
#define REQUIRES(...) MPS_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) MPS_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define RELEASE(...) MPS_ATTRIBUTE(release_capability(__VA_ARGS__))
#define EXCLUDES(...) MPS_ATTRIBUTE(locks_excluded(__VA_ARGS__))

namespace mps {

class CAPABILITY("mutex") Mutex {
public:
  void lock() ACQUIRE() { mutex_.lock(); }
  void unlock() RELEASE() { mutex_.unlock(); }

private:
  friend class CondVar;
  std::mutex mutex_;
};

class SCOPED_CAPABILITY MutexLock {
public:
  explicit MutexLock(Mutex &mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock &) = delete;
  MutexLock &operator=(const MutexLock &) = delete;

private:
  Mutex &mutex_;
};

class CondVar {
public:
  void wait(Mutex &mutex) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    variable_.wait(lock);
    lock.release();
  }

  // False when the time is up.
  bool waitUntil(Mutex &mutex, std::chrono::steady_clock::time_point deadline)
      REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    bool in_time = variable_.wait_until(lock, deadline) == std::cv_status::no_timeout;
    lock.release();
    return in_time;
  }

  void notifyOne() { variable_.notify_one(); }
  void notifyAll() { variable_.notify_all(); }

private:
  std::condition_variable variable_;
};

} // namespace mps

#endif
