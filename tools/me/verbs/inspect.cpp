// inspect: what is in a snapshot file. Everything in it comes from somewhere else.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "engine/snapshot/contents.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/abi/shared_page.hpp"
#include "so3/abi/snapshot.hpp"
#include "tools/me/verb.hpp"

namespace me {
namespace {

using engine::SnapshotContents;

std::string hex(std::uint64_t v) { return fmt::format("{:#018x}", v); }
std::string address(std::uint64_t v) { return fmt::format("{:#x}", v); }
std::string dotted(std::uint32_t version) { return fmt::format("{}.{}", version >> 16, version & 0xffff); }
// Checked to have a NUL.
std::string_view text(std::span<const char> bytes) { return bytes.data(); }

std::string taken(std::uint64_t ns) {
  if (ns == 0) return "";
  const auto seconds = static_cast<std::time_t>(ns / 1'000'000'000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

std::string_view mode(std::uint64_t pstate) {
  switch (pstate & 0x1f) {
    case 0: return "EL0t";
    case 4: return "EL1t";
    default: return "EL1h";
  }
}

std::string_view kind(const abi::snapshot::Event& event) {
  constexpr std::string_view names[] = {"avz", "unbound", "connected", "closed by the other end"};
  return names[event.kind - 1];
}

std::string_view use(std::uint32_t port) {
  return port == abi::port_control ? "control" : port == abi::port_store ? "vbstore" : "";
}

json identity(const SnapshotContents& s) {
  return {{"name", text(s.it.name)},
          {"spid", hex(s.it.spid)},
          {"spadcaps", hex(s.it.spadcaps)},
          {"instance", hex(s.it.instance_id)},
          {"epoch", s.it.epoch},
          {"cooperates", s.it.cooperates != 0},
          {"exclusive_cpu", s.it.exclusive_cpu != 0}};
}

json memory(const SnapshotContents& s) {
  json map = json::array();
  for (const auto& region : s.regions())
    map.push_back({{"region", region.name},
                   {"address", address(region.ipa)},
                   {"pages", region.pages},
                   {"touched", region.touched}});
  return map;
}

json threads(const snapshot::Threads& all) {
  json list = json::array();
  for (const auto& t : all.records)
    list.push_back({{"name", text(t.name)},
                    {"state", snapshot::name(static_cast<abi::ThreadState>(t.state))},
                    {"priority", t.priority},
                    {"stack", address(t.stack)},
                    {"stack_bytes", t.stack_size},
                    {"sp", address(t.sp)}});
  return list;
}

json whole(const std::string& file, const SnapshotContents& s) {
  json events = json::array(), grants = json::array(), store = json::array();
  for (const auto& e : s.events)
    events.push_back(
        {{"port", e.port}, {"kind", kind(e)}, {"remote_slot", e.remote_slot}, {"remote_port", e.remote_port}});
  for (const auto& g : s.grants)
    grants.push_back({{"reference", g.reference},
                      {"page", g.ipa == 0 ? json() : json(address(g.ipa))},
                      {"remote_slot", g.remote_slot},
                      {"read_only", g.read_only != 0},
                      {"mappings", g.mappings}});
  for (const auto& [path, value] : s.entries) store.push_back({{"path", path}, {"value", value}});
  const auto all = s.threads();
  json result{{"file", file},
              {"bytes", s.file_size},
              {"stream_bytes", s.stream_length},
              {"version", fmt::format("{}.{}", s.head.version_major, s.head.version_minor)},
              {"abi", dotted(s.head.abi_version)},
              {"taken", taken(s.head.taken_ns)},
              {"smart_object", {{"name", text(s.head.soo_name)}, {"agency_uid", hex(s.head.agency_uid)}}},
              {"identity", identity(s)},
              {"slot", s.it.slot},
              {"state", abi::name(static_cast<abi::State>(s.it.state))},
              {"vcpu",
               {{"pc", address(s.cpu.pc)},
                {"mode", mode(s.cpu.pstate)},
                {"waiting", s.cpu.waiting != 0},
                {"domcalls", s.cpu.domcall_registered != 0},
                {"counter", s.cpu.counter},
                {"counter_hz", s.cpu.counter_hz}}},
              {"memory", s.it.ram_size},
              {"pages", s.it.pages},
              {"memory_map", memory(s)},
              {"threads", threads(all)},
              {"events", events},
              {"grants", grants},
              {"vbstore", store}};
  if (!all.trouble.empty()) result["threads_trouble"] = fmt::format("{}, at {:#x}", all.trouble, all.where);
  return result;
}

void show(const std::string& file, const SnapshotContents& s) {
  const auto line = [](std::string_view what, const std::string& value) {
    print_line(fmt::format("{:<12}{}", what, value));
  };
  line("file", fmt::format("{}: {} bytes, {} uncompressed, version {}.{}", printable(file), with_commas(s.file_size),
                           with_commas(s.stream_length), s.head.version_major, s.head.version_minor));
  line("taken",
       fmt::format("{} on {} ({}), ABI {}", s.head.taken_ns == 0 ? "at an unknown time" : taken(s.head.taken_ns),
                   printable(text(s.head.soo_name)), hex(s.head.agency_uid), dotted(s.head.abi_version)));
  line("ME",
       fmt::format("{}, species {}, capabilities {}", printable(text(s.it.name)), hex(s.it.spid), hex(s.it.spadcaps)));
  line("instance", fmt::format("{}, epoch {}", hex(s.it.instance_id), s.it.epoch));
  line("state", fmt::format("{} in slot {}{}{}", abi::name(static_cast<abi::State>(s.it.state)), s.it.slot,
                            s.it.cooperates != 0 ? ", cooperates" : "",
                            s.it.exclusive_cpu != 0 ? ", has its CPU for itself" : ""));
  line("vCPU",
       fmt::format("at {:#x} in {}{}, {:.3f} s old by its counter of {} Hz", s.cpu.pc, mode(s.cpu.pstate),
                   s.cpu.waiting != 0 ? ", waits for events" : "",
                   static_cast<double>(s.cpu.counter) / static_cast<double>(s.cpu.counter_hz), s.cpu.counter_hz));
  line("memory", fmt::format("{} KB, of which {} KB were touched", with_commas(s.it.ram_size >> 10),
                             with_commas(s.it.pages * abi::page_size >> 10)));
  for (const auto& r : s.regions())
    print_line(fmt::format("  {:#x}  {:>9} KB  {:>9} KB touched  {}", r.ipa, with_commas(r.pages * 4),
                           with_commas(r.touched * 4), r.name));
  const auto all = s.threads();
  line("threads", fmt::format("{}{}", all.records.size(),
                              all.trouble.empty() ? "" : fmt::format(" ({}, at {:#x})", all.trouble, all.where)));
  for (const auto& t : all.records)
    print_line(fmt::format("  {:<16}  {:<8}  priority {:>2}  stack {:#x}, {} KB", printable(text(t.name)),
                           snapshot::name(static_cast<abi::ThreadState>(t.state)), t.priority, t.stack,
                           t.stack_size >> 10));
  line("events", fmt::format("{}", s.events.size()));
  for (const auto& e : s.events)
    print_line(fmt::format("  port {:>3}  {}{}{}", e.port, kind(e),
                           e.kind == 3 ? fmt::format(" to slot {} port {}", e.remote_slot, e.remote_port) : "",
                           use(e.port).empty() ? "" : fmt::format(", {}", use(e.port))));
  line("grants", fmt::format("{}", s.grants.size()));
  for (const auto& g : s.grants)
    print_line(fmt::format("  {:>4}  {} for slot {}{}, mapped {} times", g.reference,
                           g.ipa == 0 ? "the vbstore page" : address(g.ipa), g.remote_slot,
                           g.read_only != 0 ? ", read-only" : "", g.mappings));
  line("vbstore", fmt::format("{}", s.entries.size()));
  for (const auto& [path, value] : s.entries) print_line(fmt::format("  {} = {}", printable(path), printable(value)));
}

}  // namespace

void add_inspect(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("inspect");
  auto file = std::make_shared<std::string>();
  verb->add_option("FILE", *file)->required()->check(not_empty());
  verb->callback([file, &chosen] {
    chosen = [file](Context& context) -> Result<> {
      const auto contents = SnapshotContents::read(*file);
      if (!contents) return std::unexpected(contents.error());
      if (context.json) print_json(whole(*file, **contents));
      else show(*file, **contents);
      return {};
    };
  });
}

}  // namespace me
