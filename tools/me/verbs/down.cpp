#include <fmt/format.h>

#include "tools/me/supervisor/client.hpp"
#include "tools/me/supervisor/runtime_files.hpp"
#include "tools/me/verb.hpp"

namespace me {
namespace {

Result<> down(Context& context) {
  auto client = Client::connect(context.on);
  if (!client) return std::unexpected(client.error());
  if (auto answer = client->call({{"verb", "down"}}); !answer) return std::unexpected(answer.error());
  while (client->next()) {  // until the supervisor hangs up: all is gone then
  }
  if (context.json) print_json({{"down", context.on}});
  else print_line(fmt::format("{} is down", context.on));
  return {};
}

}  // namespace

void add_down(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("down");
  auto name = std::make_shared<std::optional<std::string>>();
  verb->add_option("NAME", *name)->check(not_empty());
  verb->callback([name, &chosen] {
    chosen = [name](Context& context) -> Result<> {
      auto on = chosen_name(context, *name);
      if (!on) return std::unexpected(on.error());
      context.on = std::move(*on);
      return down(context);
    };
  });
}

}  // namespace me
