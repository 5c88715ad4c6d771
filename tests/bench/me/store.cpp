#include <me/me.hpp>
#include <so3/vbstore.hpp>

#include <cstdio>

#include "tests/bench/me/parts.hpp"
#include "tests/bench/measure.hpp"

namespace bench {

void measure_store() {
  char path[40];
  std::snprintf(path, sizeof path, "soo/me/%u/bench", static_cast<unsigned>(me::slot()));
  measure("vbstore_write", "vbstore_write_cold", 64,
          [&path] { static_cast<void>(vbstore::write(path, "0123456789abcdef")); });
}

}  // namespace bench
