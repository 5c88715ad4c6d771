// me demo: the lives of a few MEs on two smart objects, shown as they happen. Every step must be seen, in its order.
#include "tools/me/demo/demo.hpp"
#include "tools/me/temporary_folder.hpp"
#include "tools/me/verbs/machine_options.hpp"

namespace me {
namespace {

Result<> show(Context& context, const engine::Options& options, const std::filesystem::path& out) {
  const auto logs = TemporaryFolder::make();  // what is logged is shown, and another demo may run meanwhile
  if (!logs) return std::unexpected(logs.error());
  demo::Demo demo(context, out.empty() ? context.layout.build("demo") : out);
  auto done = demo.run(options, logs->path());
  if (!context.json) return done;
  json result{{"ok", done.has_value()}, {"steps", demo.stage().steps()}};
  if (demo.film().written()) {
    result["move"] = demo.film().scene().string();
    result["diagram"] = demo.film().diagram().string();
    result["trace"] = demo.film().trace().string();
  }
  print_json(result);
  return done;
}

}  // namespace

void add_demo(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("demo");
  auto options = std::make_shared<engine::Options>();
  auto out = std::make_shared<std::filesystem::path>();
  add_machine_options(*verb, *options);
  verb->add_option("--out", *out)->check(not_empty());
  verb->callback(
      [options, out, &chosen] { chosen = [options, out](Context& context) { return show(context, *options, *out); }; });
}

}  // namespace me
