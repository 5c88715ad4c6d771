// avz alone, with a guest that stands in for the agency and for MEs: registers, traps, slices, domcalls, offences
// (invariants I1, I3, I4, I9 and I12; X10, X11, X18). The guest judges; here it is run and believed.
#include "engine/machine/coverage_streams.hpp"
#include "tests/emulated/smart_object_fixture.hpp"
#include "tools/me/verbs/tool.hpp"

namespace emulated {
namespace {

class AvzSelftest : public testing::TestWithParam<int> {};

TEST_P(AvzSelftest, EveryCheckPasses) {
  const auto image = [](const char* path) { return (target_folder() / path).string(); };
  const std::vector<std::string> qemu = {"qemu-system-aarch64",
                                         "-M",
                                         fmt::format("virt,virtualization=on,gic-version={}", GetParam()),
                                         "-cpu",
                                         "cortex-a72",
                                         "-smp",
                                         "4",
                                         "-m",
                                         "256M",
                                         "-display",
                                         "none",
                                         "-nodefaults",
                                         "-no-user-config",
                                         "-net",
                                         "none",
                                         "-serial",
                                         "stdio",
                                         "-kernel",
                                         image("so3/avz/avz.bin"),
                                         "-initrd",
                                         image("tests/target/avz_selftest/avz_selftest.bin")};
  const char* counters = std::getenv("ME_COVERAGE");
  const engine::CoverageStreams streams(counters ? counters : "", ::getpid());
  std::string console;
  bool clean = false;
  const auto status = me::run_tool(
      qemu,
      [&](std::string_view line) {
        if (streams.take(line)) return;
        console.append(line).push_back('\n');
        while (line.ends_with('\r')) line.remove_suffix(1);
        if (line.ends_with(" failed 0")) clean = true;
      },
      std::chrono::minutes(5));
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(*status, 0);
  EXPECT_TRUE(clean) << console;
}

INSTANTIATE_TEST_SUITE_P(Gic, AvzSelftest, testing::Values(2, 3),
                         [](const auto& p) { return fmt::format("v{}", p.param); });

}  // namespace
}  // namespace emulated
