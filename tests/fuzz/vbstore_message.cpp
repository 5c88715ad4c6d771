// Requests to the store as an ME may send them: whatever the bytes, each gets one answer, the shares hold, and
// nothing of the ME remains when it is gone.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "so3/agency/store/connection.hpp"

namespace {

struct SilentBell final : agency::Doorbell {
  using Doorbell::Doorbell;
  void answer() override {}
};

// Its threads are answered with what they asked.
struct Echo final : agency::Connection::Client {
  void asked(std::uint32_t id, const agency::Connection::Words& words) override { to->answer(id, words); }
  agency::Connection* to = nullptr;
};

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::uint32_t slot = 2;
constexpr std::size_t bytes_max = 64 * 1024;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  agency::Store store{bytes_max};
  for (const char* top : {"device", "soo/me", "backend/vlogs"})
    require(store.mkdir(abi::agency_domain, *agency::StorePath::parse(top)).has_value());
  const auto keys_before = store.keys(abi::agency_domain);

  agency::Doorbells bells{[] {}};
  SilentBell bell{bells};
  Echo echo;
  const auto page = std::make_unique<abi::vbstore::StorePage>();
  auto connection = std::make_unique<agency::Connection>(slot, *page, store, bell, echo);
  echo.to = connection.get();
  abi::ByteRingWriter requests{page->requests};
  abi::ByteRingReader answers{page->answers};

  std::uint8_t sink[256];
  for (std::span<const std::uint8_t> rest{data, size}; connection->fault() == nullptr;) {
    const auto sent = requests.write(rest.first(std::min<std::size_t>(rest.size(), 700)));
    rest = rest.subspan(sent);
    static_cast<void>(requests.publish());
    while (connection->serve().more) {
    }
    std::size_t taken = 0;
    while (const auto n = answers.read(sink)) taken += n;
    static_cast<void>(answers.release());
    require(!answers.error());
    if (sent == 0 && taken == 0 && rest.empty()) break;
  }
  require(store.keys(slot) <= abi::vbstore::keys_per_domain);
  require(store.bytes() <= bytes_max);
  connection.reset();
  store.remove_domain(slot);
  require(store.keys(slot) == 0 && store.bytes() == 0);
  require(store.keys(abi::agency_domain) == keys_before);
  return 0;
}
