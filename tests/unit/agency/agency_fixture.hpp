// An agency on a fake hypervisor, with an engine that is a test.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fake_avz.hpp"
#include "so3/agency/agency.hpp"
#include "so3/agency/me/placement.hpp"
#include "so3/agency/sha256.hpp"
#include "tests/unit/image/itb_builder.hpp"

namespace agency {

class FakePort final : public Port {
 public:
  std::size_t write(Bytes bytes) override {
    const auto n = std::min(bytes.size(), room);
    room -= n;
    sent.append(reinterpret_cast<const char*>(bytes.data()), n);
    return n;
  }
  void close() override { closed = true; }
  std::string sent;
  std::size_t room = SIZE_MAX;
  bool closed = false;
};

struct Frame {
  abi::link::Type type;
  std::uint32_t id;
  std::string payload;
  template <typename T>
  T as() const {
    T value{};
    std::memcpy(&value, payload.data(), std::min(sizeof value, payload.size()));
    return value;
  }
};

inline std::uint64_t fake_time = 0;
inline std::size_t file_room = SIZE_MAX;
inline std::string console_text;
inline std::function<void()> on_say;  // while the console is being written to

// Where the fake hypervisor maps what MEs grant.
class GrantPages {
 public:
  std::byte* at() { return pages_[0].bytes; }

 private:
  struct alignas(abi::page_size) Page {
    std::byte bytes[abi::page_size];
  };
  std::unique_ptr<Page[]> pages_{new Page[64]{}};
};

struct AgencyTest : ::testing::Test {
  AgencyTest() {
    fake_time = 0;
    console_text.clear();
    on_say = {};
    file_room = SIZE_MAX;
    agency.link().open();
    frames();
  }
  ~AgencyTest() override { std::free(window_memory); }

  // Whatever still waits is told that its ME is gone, and ends.
  void TearDown() override {
    for (const auto all = agency.residents().all(); const auto& [slot, me] : all) agency.residents().reap(me, "over");
    try {
      settle();
    } catch (int) {
    }  // it is off already
  }

  static void say(std::string_view line) {
    console_text += line;
    if (on_say) on_say();
  }

  // Runs until nothing is left to do but waiting.
  void settle() {
    for (int i = 0; i < 1000; ++i) {
      const auto next = agency.run();
      if (!next || *next > fake_time) return;
    }
    FAIL() << "the loop does not come to rest";
  }
  void pass(std::uint64_t ns) {
    for (const auto end = fake_time + ns;;) {
      settle();
      const auto next = agency.run();
      if (!next || *next > end) {
        fake_time = end;
        settle();
        return;
      }
      fake_time = std::max(*next, fake_time);
    }
  }
  std::vector<Frame> frames() {
    std::vector<Frame> all;
    while (port.sent.size() >= sizeof(abi::link::Frame)) {
      abi::link::Frame f;
      std::memcpy(&f, port.sent.data(), sizeof f);
      all.push_back({static_cast<abi::link::Type>(f.type), f.id, port.sent.substr(sizeof f, f.length)});
      port.sent.erase(0, sizeof f + f.length);
    }
    return all;
  }
  void ask(abi::link::Type type, std::uint32_t id, std::string_view payload = {}) {
    std::string bytes;
    append_frame(bytes, type, id, payload);
    agency.link().receive({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    settle();
  }
  struct Reply {
    abi::Status status;
    std::uint64_t value;
    std::string text;
  };
  // The reply to `id`, among what was sent since; the rest is in `others`.
  std::optional<Reply> reply(std::uint32_t id) {
    std::optional<Reply> found;
    for (auto& f : frames()) {
      if (f.type == abi::link::Type::reply && f.id == id) {
        EXPECT_FALSE(found) << "two replies to one request";
        const auto r = f.as<abi::link::Reply>();
        found = Reply{static_cast<abi::Status>(r.status), r.value, f.payload.substr(sizeof r)};
      } else {
        others.push_back(std::move(f));
      }
    }
    return found;
  }
  void request_injection(std::uint32_t id, const image_test::Blob& itb = image_test::good_itb()) {
    std::memcpy(window_memory, itb.data(), itb.size());
    ask(abi::link::Type::inject, id, raw(abi::link::Inject{0, itb.size()}));
  }
  std::uint32_t inject(const image_test::Blob& itb = image_test::good_itb()) {
    request_injection(100, itb);
    const auto r = reply(100);
    EXPECT_TRUE(r && r->status == abi::Status::ok) << (r ? r->text : "no reply");
    return r ? static_cast<std::uint32_t>(r->value) : 0;
  }

  static constexpr std::size_t window_bytes = 1 << 20;
  std::byte* window_memory = static_cast<std::byte*>(std::calloc(window_bytes, 1));
  GrantPages grant_pages;
  FakeAvz avz;
  FakePort port;
  Doorbells bells{[] {}};
  Agency agency{{.clock = [] { return fake_time; },
                 .console = say,
                 .grant_window = grant_pages.at(),
                 .window = {window_memory, window_bytes},
                 .sha256 = sha256,
                 .file_room = [] { return file_room; },
                 .aside = [](Job& job) { job.run(); },
                 .cpus = 4,
                 .gic_version = 3,
                 .store_bytes_max = 1 << 20},
                bells,
                port};
  std::vector<Frame> others;
};

}  // namespace agency
