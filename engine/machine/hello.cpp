#include "engine/machine/hello.hpp"

#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <string>

#include "so3/abi/version.hpp"

namespace engine {
namespace {

// The same at every start of this smart object on this computer, never 0 (FNV-1a of machine id and name).
std::uint64_t agency_uid(std::string_view name) {
  std::string id;
  std::getline(std::ifstream("/etc/machine-id"), id);
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : id + '/' + std::string(name)) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return hash == 0 ? 1 : hash;
}

}  // namespace

Result<abi::link::Hello> make_hello(std::string_view name) {
  using std::chrono::nanoseconds;
  abi::link::Hello hello{};
  hello.abi_version = abi::version;
  hello.agency_uid = agency_uid(name);
  std::memcpy(hello.name, name.data(), std::min(name.size(), sizeof hello.name - 1));
  hello.wall_clock_ns = static_cast<std::uint64_t>(
      std::chrono::duration_cast<nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
  if (::getrandom(hello.entropy, sizeof hello.entropy, 0) != sizeof hello.entropy ||
      ::getrandom(&hello.boot_id, sizeof hello.boot_id, 0) != sizeof hello.boot_id)
    return fail(Errc::environment, "this computer gives no entropy (getrandom)");
  return hello;
}

}  // namespace engine
