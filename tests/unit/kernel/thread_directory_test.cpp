// What a debugger or `me inspect` finds of the threads in a domain's memory (abi/threads.hpp).
#include <map>
#include <string>

#include "so3/abi/threads.hpp"
#include "so3/kernel/include/so3/delay.h"
#include "so3/kernel/include/so3/semaphore.h"
#include "so3/kernel/scheduler.hpp"
#include "tests/unit/kernel/domain.hpp"

namespace {

using abi::ThreadState;

std::map<std::string, abi::ThreadRecord> records() {
  std::map<std::string, abi::ThreadRecord> found;
  const abi::ThreadDirectory& directory = kernel::so3_threads;
  EXPECT_EQ(directory.magic, abi::thread_directory_magic);
  EXPECT_EQ(directory.version, 1u);
  for (auto at = directory.first; at != 0;) {
    const auto& record = *reinterpret_cast<const abi::ThreadRecord*>(at);
    found.emplace(record.name, record);
    at = record.next;
  }
  EXPECT_EQ(found.size(), directory.count);
  return found;
}

class ThreadDirectory : public Domain {};

TEST_F(ThreadDirectory, ShowsEveryThreadAndWhatItDoes) {
  semaphore_t none;
  semaphore_init(&none, 0);
  tcb_t* const sleeper = start("sleeper", 20, [] { msleep(5); });
  tcb_t* const waiter = start("waiter", 21, [&] { semaphore_down(&none); });
  tcb_t* const ready = start("ready", 2, [] {});
  run_for(1 * ms);
  auto all = records();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all["boot"].state, static_cast<std::uint32_t>(ThreadState::running));
  EXPECT_EQ(all["sleeper"].state, static_cast<std::uint32_t>(ThreadState::sleeping));
  EXPECT_EQ(all["waiter"].state, static_cast<std::uint32_t>(ThreadState::waiting));
  EXPECT_EQ(all["ready"].state, static_cast<std::uint32_t>(ThreadState::ready));
  EXPECT_EQ(all["sleeper"].priority, 20u);
  EXPECT_EQ(all["waiter"].stack_size, 256u * 1024 + 4096);
  EXPECT_NE(all["waiter"].stack, 0u);

  semaphore_up(&none);
  thread_join(sleeper);
  thread_join(waiter);
  thread_join(ready);
  all = records();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(all.contains("boot"));
}

TEST_F(ThreadDirectory, AnyOneMayLeave) {
  for (const std::string first : {"a", "b", "c"}) {
    std::map<std::string, semaphore_t> go;
    std::map<std::string, tcb_t*> threads;
    for (const std::string name : {"a", "b", "c"}) {
      semaphore_init(&go[name], 0);
      threads[name] = start(name.c_str(), 20, [&go, name] { semaphore_down(&go[name]); });
    }
    semaphore_up(&go[first]);
    thread_join(threads[first]);
    auto all = records();
    EXPECT_EQ(all.size(), 3u);
    EXPECT_FALSE(all.contains(first));
    for (auto& [name, thread] : threads) {
      if (name == first) continue;
      semaphore_up(&go[name]);
      thread_join(thread);
    }
  }
}

}  // namespace
