// inject, ps, stop, kill: MEs of a smart object that is up.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "tools/me/capsule_file.hpp"
#include "tools/me/verbs/ask.hpp"

namespace me {
namespace {

Result<> inject(Context& context, const std::string& file) {
  // Looked at here first: a bad file is refused with the same words whether anything is up or not.
  if (auto capsule = load_capsule(file); !capsule) return std::unexpected(capsule.error());
  return say(context, ask(context.on, {{"verb", "inject"}, {"file", std::filesystem::absolute(file).string()}}),
             [](const json& v) {
               return fmt::format("{} lives in slot {}", printable(v.value("name", "")), v.value("slot", 0U));
             });
}

std::string table(const json& mes) {
  std::string text = fmt::format("{:>4}  {:<24}  {:<20}  {:<18}  {:>3}  {:>9}  {:>9}", "SLOT", "NAME", "STATE", "SPID",
                                 "CPU", "MEMORY", "USED");
  for (const auto& me : mes)
    text +=
        fmt::format("\n{:>4}  {:<24}  {:<20}  {:<18}  {:>3}  {:>6} KB  {:>6} KB", me.value("slot", 0U),
                    printable(me.value("name", "")), me.value("state", ""), me.value("spid", ""), me.value("cpu", 0U),
                    me.value("memory", std::uint64_t{0}) >> 10, me.value("memory_used", std::uint64_t{0}) >> 10);
  return text;
}

// As the agency wrote it, but for a terminal.
Result<> print_document(const Context& context) {
  const auto answer = ask(context.on, {{"verb", "xml"}});
  if (!answer) return std::unexpected(answer.error());
  if (context.json) return print_json(*answer), Result<>();
  std::istringstream document(answer->value("xml", ""));
  for (std::string line; std::getline(document, line);) print_guest_line(line);
  return {};
}

}  // namespace

void add_inject(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("inject");
  auto file = std::make_shared<std::string>();
  verb->add_option("FILE", *file)->required()->check(not_empty());
  verb->callback([file, &chosen] { chosen = [file](Context& context) { return inject(context, *file); }; });
}

void add_ps(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("ps");
  auto xml = std::make_shared<bool>(false);
  verb->add_flag("--xml", *xml);
  verb->callback([xml, &chosen] {
    chosen = [xml](Context& context) {
      return *xml ? print_document(context) : say(context, ask(context.on, {{"verb", "ps"}}), table);
    };
  });
}

void add_stop(CLI::App& app, Action& chosen) {
  struct Arguments {
    std::uint32_t slot = 0;
    double grace = 5;
  };
  auto* verb = app.add_subcommand("stop");
  auto arguments = std::make_shared<Arguments>();
  verb->add_option("SLOT", arguments->slot)->required()->check(decimal());
  verb->add_option("--grace", arguments->grace)->check(CLI::Range(0.0, 3600.0));
  verb->callback([arguments, &chosen] {
    chosen = [arguments](Context& context) -> Result<> {
      if (!(arguments->grace >= 0 && arguments->grace <= 3600))  // nan passes the check of the range
        return engine::fail(Errc::usage, "the grace time is not a number of seconds", "me stop --help");
      const auto grace_ms = static_cast<std::uint32_t>(arguments->grace * 1000);
      return say(context, ask(context.on, {{"verb", "stop"}, {"slot", arguments->slot}, {"grace_ms", grace_ms}}),
                 [](const json& v) { return fmt::format("slot {} has ended", v.value("slot", 0U)); });
    };
  });
}

void add_kill(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("kill");
  auto slot = std::make_shared<std::uint32_t>();
  verb->add_option("SLOT", *slot)->required()->check(decimal());
  verb->callback([slot, &chosen] {
    chosen = [slot](Context& context) {
      return say(context, ask(context.on, {{"verb", "kill"}, {"slot", *slot}}),
                 [](const json& v) { return fmt::format("slot {} was killed", v.value("slot", 0U)); });
    };
  });
}

void add_vbstore(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("vbstore");
  auto path = std::make_shared<std::string>();
  verb->add_option("PATH", *path);
  verb->callback([path, &chosen] {
    chosen = [path](Context& context) -> Result<> {
      const auto entries = ask(context.on, {{"verb", "vbstore"}, {"path", *path}});
      if (!entries) return std::unexpected(entries.error());
      if (context.json) return print_json(*entries), Result<>();
      for (const auto& e : *entries)
        print_line(fmt::format("{} = {}", printable(e.value("path", "")), printable(e.value("value", ""))));
      return {};
    };
  });
}

}  // namespace me
