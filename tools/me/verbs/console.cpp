#include "tools/me/supervisor/client.hpp"
#include "tools/me/verb.hpp"

namespace me {
namespace {

void show(const Context& context, const json& line) {
  if (context.json) print_line(to_text({{"console", line}}));
  else print_guest_line(line.is_string() ? line.get<std::string>() : "");
}

Result<> console(Context& context, bool follow) {
  auto client = Client::connect(context.on);
  if (!client) return std::unexpected(client.error());
  auto lines = client->call({{"verb", follow ? "follow" : "console"}});
  if (!lines) return std::unexpected(lines.error());
  if (!follow && context.json) return print_json(*lines), Result<>();
  for (const auto& line : *lines) show(context, line);
  while (follow) {
    const auto event = client->next();
    if (!event) return std::unexpected(client->why_gone());
    if (const auto line = event->find("console"); line != event->end()) show(context, *line);
    if (const auto ended = event->find("ended"); ended != event->end()) return std::unexpected(error_from(*ended));
  }
  return {};
}

}  // namespace

void add_console(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("console");
  auto follow = std::make_shared<bool>(false);
  verb->add_flag("-f,--follow", *follow);
  verb->callback([follow, &chosen] { chosen = [follow](Context& context) { return console(context, *follow); }; });
}

}  // namespace me
