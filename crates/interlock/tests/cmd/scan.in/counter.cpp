#include <mutex>

class Counter {
  std::mutex m;
  long n = 0;

 public:
  void add() {
    std::lock_guard<std::mutex> hold(m);
    ++n;
  }
  void sub() {
    std::lock_guard<std::mutex> hold(m);
    --n;
  }
  void reset() { n = 0; }
};
