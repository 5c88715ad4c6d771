// A fresh domain for each test; the test itself is its boot thread.
#pragma once
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "so3/arch/clock.hpp"
#include "so3/arch/context.hpp"
#include "so3/arch/host/machine.hpp"
#include "so3/kernel/include/so3/thread.h"
#include "so3/kernel/shared.hpp"

using arch::host::machine;
using arch::host::run_for;

inline constexpr std::uint64_t ms = 1'000'000;

class Domain : public testing::Test {
 protected:
  Domain() { arch::host::reset(); }

  // A thread that runs `body`, on a stack that GoogleTest and the sanitizers can live with.
  tcb_t* start(const char* name, std::uint32_t priority, std::function<void()> body) {
    auto* const owned = new std::function<void()>{std::move(body)};
    const auto run = [](void* arg) {
      auto* const f = static_cast<std::function<void()>*>(arg);
      (*f)();
      delete f;
      return 0;
    };
    return kernel_thread_sized(run, name, owned, priority, 256 * 1024);
  }

  void note(const std::string& what) { trace.push_back(what); }

  std::vector<std::string> trace;
};

using Trace = std::vector<std::string>;
