// link, unlink, links, propagate, migrate: smart objects that are neighbours, and MEs between them.
#include <fmt/format.h>

#include "tools/me/verbs/ask.hpp"

namespace me {
namespace {

struct Pair {
  std::string a, b;
};

std::shared_ptr<Pair> add_pair(CLI::App& verb) {
  auto pair = std::make_shared<Pair>();
  verb.add_option("A", pair->a)->required()->check(not_empty());
  verb.add_option("B", pair->b)->required()->check(not_empty());
  return pair;
}

// A move that the other side may have done stands still from here on. Either of the two may have one.
Result<> unlink(Context& context, const Pair& pair) {
  auto parted = ask(pair.a, {{"verb", "unlink"}, {"from", pair.b}});
  if (!parted) return std::unexpected(parted.error());
  auto& moves = (*parted)["in_doubt"];
  // One that does not answer has ended, with its doubts.
  if (const auto of_b = ask(pair.b, {{"verb", "doubts"}, {"with", pair.a}}); of_b && of_b->is_array())
    moves.insert(moves.end(), of_b->begin(), of_b->end());
  if (!context.json)
    for (const auto& move : moves) {
      const auto at = printable(move.value("at", "")), to = printable(move.value("to", ""));
      const auto slot = move.value("slot", 0U);
      remark(
          fmt::format("me: ME {} of {} was moving to {} and may live there: it stays suspended until {} says so\n"
                      "    link them again (me link {} {}), or give it up here (me kill {} --on {})",
                      slot, at, to, to, at, to, slot, at));
    }
  return say(context, parted, [&](const json&) {
    return fmt::format("{} and {} are no neighbours any more", printable(pair.a), printable(pair.b));
  });
}

struct Journey {
  std::optional<std::uint32_t> slot;
  std::optional<std::string> to;
  std::optional<std::uint32_t> every_ms;
};

Result<> propagate(Context& context, const Journey& journey) {
  if (journey.slot.has_value() == journey.every_ms.has_value())
    return engine::fail(engine::Errc::usage, "propagate wants a SLOT, or --every MS for all MEs, not both",
                        "me propagate --help");
  if (journey.every_ms) {
    if (journey.to)
      return engine::fail(engine::Errc::usage, "--every is for all neighbours, --to for one propagation by hand",
                          "me propagate --help");
    return say(context, ask(context.on, {{"verb", "period"}, {"ms", *journey.every_ms}}), [&](const json& v) {
      const auto ms = v.value("period_ms", 0U);
      return ms == 0 ? fmt::format("{} propagates by hand only", context.on)
                     : fmt::format("{} asks its MEs every {} ms", context.on, ms);
    });
  }
  json request{{"verb", "propagate"}, {"slot", *journey.slot}};
  if (journey.to) request["to"] = *journey.to;
  return say(context, ask(context.on, request), [](const json& v) { return printable(v.value("outcome", "")); });
}

}  // namespace

void add_link(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("link");
  verb->callback([pair = add_pair(*verb), &chosen] {
    chosen = [pair](Context& context) {
      return say(context, ask(pair->a, {{"verb", "link"}, {"to", pair->b}}), [&](const json&) {
        return fmt::format("{} and {} are neighbours", printable(pair->a), printable(pair->b));
      });
    };
  });
}

void add_unlink(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("unlink");
  verb->callback(
      [pair = add_pair(*verb), &chosen] { chosen = [pair](Context& context) { return unlink(context, *pair); }; });
}

void add_links(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("links");
  verb->callback([&chosen] {
    chosen = [](Context& context) -> Result<> {
      const auto all = ask(context.on, {{"verb", "links"}});
      if (!all) return std::unexpected(all.error());
      if (context.json) return print_json(*all), Result<>();
      for (const auto& n : *all)
        print_line(fmt::format("{:<15}  {}", printable(n.value("name", "")), n.value("agency_uid", "")));
      return {};
    };
  });
}

void add_propagate(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("propagate");
  auto journey = std::make_shared<Journey>();
  verb->add_option("SLOT", journey->slot)->check(decimal());
  verb->add_option("--to", journey->to)->check(not_empty());
  verb->add_option("--every", journey->every_ms)->check(decimal());
  verb->callback([journey, &chosen] { chosen = [journey](Context& context) { return propagate(context, *journey); }; });
}

void add_migrate(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("migrate");
  auto journey = std::make_shared<Journey>();
  verb->add_option("SLOT", journey->slot)->required()->check(decimal());
  verb->add_option("--to", journey->to)->required()->check(not_empty());
  verb->callback([journey, &chosen] {
    chosen = [journey](Context& context) {
      return say(context, ask(context.on, {{"verb", "migrate"}, {"slot", *journey->slot}, {"to", *journey->to}}),
                 [](const json& v) {
                   return fmt::format("the ME of slot {} lives in slot {} of {}", v.value("slot", 0U),
                                      v.value("slot_there", 0U), printable(v.value("to", "")));
                 });
    };
  });
}

}  // namespace me
