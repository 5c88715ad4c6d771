// Where things are, found from where this program is: it works from any folder.
#pragma once
#include <filesystem>

namespace me {

struct Layout {
  std::filesystem::path root;    // of the source tree
  std::filesystem::path target;  // build/target in it

  std::filesystem::path avz() const { return target / "so3/avz/avz.bin"; }
  std::filesystem::path agency() const { return target / "so3/agency/agency.bin"; }
  std::filesystem::path refso3() const { return target / "templates/refso3/refso3.itb"; }
  std::filesystem::path bench_agency() const { return target / "tests/bench/agency_bench.bin"; }
  std::filesystem::path bench_me() const { return target / "tests/bench/bench_me.itb"; }
  std::filesystem::path hunter() const { return target / "tests/target/partners/cruel.itb"; }
  std::filesystem::path traveller() const { return target / "tests/target/traveller/traveller.itb"; }
  std::filesystem::path nomad() const { return target / "tests/target/nomad/nomad.itb"; }
  std::filesystem::path build(const char* preset) const { return root / "build" / preset; }
};

// This program's own file, symbolic links resolved.
[[nodiscard]] std::filesystem::path this_program();
[[nodiscard]] Layout find_layout();

}  // namespace me
