#include "tools/me/verbs/ask.hpp"

namespace me {

Result<json> ask(const std::string& on, const json& request) {
  auto client = Client::connect(on);
  if (!client) return std::unexpected(client.error());
  return client->call(request);
}

Result<> say(const Context& context, const Result<json>& answer, const std::function<std::string(const json&)>& text) {
  if (!answer) return std::unexpected(answer.error());
  if (context.json) print_json(*answer);
  else print_line(text(*answer));
  return {};
}

}  // namespace me
