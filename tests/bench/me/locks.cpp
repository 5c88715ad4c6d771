#include <so3/mutex.hpp>

#include "tests/bench/me/parts.hpp"
#include "tests/bench/measure.hpp"

namespace bench {

void measure_locks() {
  so3::Mutex mutex;
  measure("mutex_pair", nullptr, 1000, [&mutex] {
    mutex.lock();
    mutex.unlock();
  });
}

}  // namespace bench
