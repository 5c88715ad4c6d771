#include <fmt/format.h>

#include "tools/me/verb.hpp"
#include "tools/me/verbs/tool.hpp"

namespace me {
namespace {

using engine::fail;

// The launcher has set up, and built already; this is for who calls the program itself.
Result<> build(Context& context) {
  for (const auto* preset : {"target", "host-release"}) {
    const auto folder = context.layout.build(preset);
    std::error_code error;
    if (!std::filesystem::exists(folder / "build.ninja", error))
      return fail(Errc::environment, fmt::format("{} is not set up", folder.string()), "run ./me build in the root of the repository");
    auto status = run_tool({"ninja", "-C", folder.string()}, [](std::string_view line) { remark(line); });
    if (!status) return std::unexpected(status.error());
    if (*status != 0) return fail(Errc::failed, fmt::format("{} could not be built (errors above)", preset));
  }
  if (context.json) print_json({{"built", context.layout.target.string()}, {"refso3", context.layout.refso3().string()}});
  return {};
}

}  // namespace

void add_build(CLI::App& app, Action& chosen) {
  app.add_subcommand("build")->callback([&chosen] { chosen = build; });
}

}  // namespace me
