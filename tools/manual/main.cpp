// generate_manual DOCS OUT: writes what is generated of the manual to OUT; the page around it is DOCS/lifecycle.md.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tools/manual/manual.hpp"

namespace {

namespace fs = std::filesystem;

int fail(const std::string& what) {
  fmt::print(stderr, "generate_manual: {}\n", what);
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return fail("usage: generate_manual DOCS OUT");
  const fs::path docs = arguments[1], out = arguments[2];
  std::ifstream in(docs / "lifecycle.md");
  if (!in) return fail(fmt::format("cannot read {}", (docs / "lifecycle.md").string()));
  const auto files = manual::generate({std::istreambuf_iterator<char>(in), {}});
  if (!files) return fail(files.error());
  for (const auto& [path, text] : *files) {
    std::error_code error;
    fs::create_directories((out / path).parent_path(), error);
    std::ofstream file(out / path, std::ios::trunc | std::ios::binary);
    if (!(file << text).flush()) return fail(fmt::format("cannot write {}", (out / path).string()));
  }
  return 0;
}
