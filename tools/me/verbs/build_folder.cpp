#include "tools/me/verbs/build_folder.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string>
#include <string_view>

#include "tools/me/output.hpp"
#include "tools/me/verbs/cmake_error.hpp"
#include "tools/me/verbs/tool.hpp"

namespace me {
namespace {

using engine::fail;
namespace fs = std::filesystem;

Result<> check(const Layout& layout, const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return fail(Errc::not_found, fmt::format("{}: there is no such folder", folder.string()));
  if (!fs::exists(layout.target / "MobileEntitiesTargets.cmake", error))
    return fail(Errc::environment, fmt::format("{} is not built", layout.target.string()),
                "run ./me build in the root of the repository");
  if (fs::exists(folder / "CMakeLists.txt", error)) return {};
  return fail(Errc::refused, fmt::format("{}: no CMakeLists.txt: this is not the folder of an ME", folder.string()),
              fmt::format("begin with a copy of the template: cp -r {}/templates/refso3 FOLDER", layout.root.string()));
}

// A copied or renamed folder, or another SDK: what CMake remembers is of another place.
bool configured_here(const fs::path& folder, const fs::path& toolchain) {
  std::ifstream cache(folder / "build/CMakeCache.txt");
  int found = 0;
  for (std::string line; std::getline(cache, line);) {
    found += line == "CMAKE_HOME_DIRECTORY:INTERNAL=" + folder.string();
    found += line.starts_with("CMAKE_TOOLCHAIN_FILE:") && line.ends_with("=" + toolchain.string());
  }
  std::error_code error;
  return found == 2 && fs::exists(folder / "build/build.ninja", error);
}

Result<> configure(const fs::path& folder, const fs::path& toolchain) {
  std::string output;
  auto status = run_tool({"cmake", "--fresh", "-G", "Ninja", "-S", folder.string(), "-B", (folder / "build").string(),
                          "--toolchain", toolchain.string()},
                         [&](std::string_view line) { output.append(line) += '\n'; });
  if (!status) return std::unexpected(status.error());
  if (*status == 0) return {};
  remark(author_error(output, folder));
  return fail(Errc::failed, fmt::format("{} could not be configured (error above)", folder.string()));
}

// "hello.cpp:3:10: fatal error: vlogs/vlogs.h: No such file or directory": the compiler cannot know which library has it.
std::string missing_library(std::string_view line, const fs::path& frontends) {
  constexpr std::string_view before = "fatal error: ";
  const auto from = line.find(before), slash = line.find('/', from == line.npos ? from : from + before.size());
  if (slash == line.npos || !line.ends_with("No such file or directory")) return {};
  const std::string device(line.substr(from + before.size(), slash - from - before.size()));
  std::error_code error;
  if (device.find(' ') != device.npos || !fs::is_directory(frontends / device / "include", error)) return {};
  return fmt::format("add frontend_{} to LIBRARIES in CMakeLists.txt", device);
}

// dtc's "Error: hello.dts:5.9-10 syntax error" in the way of a compiler.
std::string as_compiler(std::string_view line) {
  constexpr std::string_view before = "Error: ";
  const auto text = line.substr(line.starts_with(before) ? before.size() : 0);
  const auto blank = text.find(' ', text.rfind(".dts"));
  const auto dot = text.rfind('.', blank);
  if (text.size() == line.size() || blank == text.npos || dot == text.npos || text.rfind(':', dot) == text.npos)
    return std::string(line);
  return fmt::format("{}: error:{}", text.substr(0, dot), text.substr(blank));
}

Result<> compile(const Layout& layout, const fs::path& folder) {
  std::string remedy, output;
  auto status = run_tool({"ninja", "-k", "0", "-C", (folder / "build").string()}, [&](std::string_view line) {
    if (line.starts_with('[') || line.starts_with("ninja: ") || line.starts_with("FAILED: ") || line.starts_with("-- "))
      return;
    // What ninja repeats of a command that failed, and CMake when it is run again by a change of CMakeLists.txt.
    if (line.starts_with("cd ") || line.starts_with("/usr/bin/") || line.starts_with(": && ")) return;
    if (auto found = missing_library(line, layout.root / "frontends"); !found.empty()) remedy = std::move(found);
    if (!line.starts_with("FATAL ERROR: ")) output.append(as_compiler(line)) += '\n';
  });
  if (!status) return std::unexpected(status.error());
  if (!output.empty()) remark(author_error(output, folder));
  if (*status != 0)
    return fail(Errc::failed, fmt::format("{} could not be built (errors above)", folder.string()), remedy);
  return {};
}

}  // namespace

Result<std::vector<fs::path>> build_folder(const Layout& layout, const fs::path& author) {
  std::error_code error;
  auto folder = fs::weakly_canonical(author, error);
  if (error) folder = author;
  if (auto good = check(layout, folder); !good) return std::unexpected(good.error());
  const auto toolchain = layout.root / "toolchain/aarch64-baremetal.cmake";
  if (!configured_here(folder, toolchain))
    if (auto done = configure(folder, toolchain); !done) return std::unexpected(done.error());
  if (auto done = compile(layout, folder); !done) return std::unexpected(done.error());

  std::vector<fs::path> capsules;
  std::ifstream list(folder / "build/capsules.txt");
  for (std::string line; std::getline(list, line);) capsules.emplace_back(line);
  if (capsules.empty())
    return fail(Errc::refused, fmt::format("{}/CMakeLists.txt: makes no capsule", folder.string()),
                "it needs find_package(MobileEntities REQUIRED) and me_add_capsule(); the template refso3 has both");
  return capsules;
}

}  // namespace me
