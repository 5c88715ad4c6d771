#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "so3/agency/store/store.hpp"

namespace agency {

inline StorePath path(std::string_view text) {
  const auto p = StorePath::parse(text);
  EXPECT_TRUE(p) << text;
  return p.value_or(StorePath{});
}

class RecordingWatcher final : public Watcher {
 public:
  explicit RecordingWatcher(std::uint32_t domain, std::size_t watches_max = 64) : Watcher{domain, watches_max} {}
  std::vector<std::string> events() {
    std::vector<std::string> all;
    while (const auto e = take_event()) all.push_back(e->watch + " <- " + e->changed);
    return all;
  }
  int notified = 0;

 private:
  void event_pending() override { ++notified; }
};

struct StoreTest : ::testing::Test {
  StoreTest() {
    for (const char* top : {"device", "soo/me", "backend/vlogs"}) EXPECT_TRUE(store.mkdir(0, path(top)));
  }
  Store store{1 << 20};
};

}  // namespace agency
