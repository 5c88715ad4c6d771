// me bench: one deterministic run, driven from inside the machine; lines "BENCH <name> <value> <unit>" are its figures.
#include <fmt/format.h>

#include <fstream>
#include <map>
#include <sstream>

#include "engine/qemu.hpp"
#include "tools/me/verb.hpp"
#include "tools/me/verbs/bench_snapshot.hpp"
#include "tools/me/verbs/tool.hpp"

namespace me {
namespace {

using engine::fail;
namespace fs = std::filesystem;

constexpr double tolerance = 0.02;
constexpr std::chrono::seconds patience{1200};

struct Figure {
  std::uint64_t value;
  std::string unit;
};
using Figures = std::map<std::string, Figure>;

Result<json> read_json(const fs::path& file) {
  std::ifstream in(file);
  auto value = json::parse(in, nullptr, false);
  if (value.is_discarded()) return fail(Errc::environment, fmt::format("{} is missing or not JSON", file.string()));
  return value;
}

// A comma in a path would begin the next property.
std::string escaped(const fs::path& path) {
  std::string out;
  for (const char c : path.string()) out += c == ',' ? ",," : std::string(1, c);
  return out;
}

// The window holds the two capsules from the start (tests/bench/agency/capsules.hpp): nothing comes from outside.
// One instruction is one virtual nanosecond, and the counter runs at 1 GHz.
std::vector<std::string> command(const Layout& layout, const engine::Qemu& qemu) {
  const auto loader = [](const fs::path& file, std::uint64_t address) {
    return fmt::format("loader,file={},addr={:#x},force-raw=on", escaped(file), address);
  };
  constexpr std::uint64_t window = 0x4000'0000 + (std::uint64_t{512} << 20);
  return {qemu.path,
          "-no-user-config",
          "-nodefaults",
          "-display",
          "none",
          "-net",
          "none",
          "-M",
          "virt,virtualization=on,gic-version=3",
          "-cpu",
          "cortex-a72,cntfrq=1000000000",
          "-smp",
          "4",
          "-m",
          "544M",
          "-icount",
          "shift=0,sleep=off",
          "-object",
          "memory-backend-ram,id=ram,size=512M",
          "-object",
          "memory-backend-ram,id=window,size=32M",
          "-numa",
          "node,memdev=ram,cpus=0-3",
          "-numa",
          "node,memdev=window",
          "-chardev",
          "stdio,id=console,signal=off",
          "-serial",
          "chardev:console",
          "-device",
          loader(layout.bench_me(), window),
          "-device",
          loader(layout.refso3(), window + 0x80'0000),
          "-kernel",
          layout.avz().string(),
          "-initrd",
          layout.bench_agency().string()};
}

Result<Figures> measure(const Layout& layout) {
  for (const auto& file : {layout.avz(), layout.bench_agency(), layout.bench_me(), layout.refso3()})
    if (!std::ifstream(file))
      return fail(Errc::environment, fmt::format("cannot read {}", file.string()), "build it: ./me build");
  auto qemu = engine::find_qemu("qemu-system-aarch64");
  if (!qemu) return std::unexpected(qemu.error());
  Figures figures;
  std::string last;
  auto status = run_tool(
      command(layout, *qemu),
      [&](std::string_view line) {
        last = line;
        constexpr std::string_view mark = "BENCH ";
        const auto at = line.find(mark);  // after "[<domain>] "
        if (at == line.npos) return;
        std::istringstream words{std::string(line.substr(at + mark.size()))};
        std::string name;
        Figure figure{};
        if (words >> name >> figure.value >> figure.unit) figures[name] = figure;
      },
      patience);
  if (!status) return std::unexpected(status.error());
  if (figures.empty()) return fail(Errc::failed, "the machine measured nothing; its last line: " + printable(last));
  std::error_code error;
  figures["refso3_itb_bytes"] = {fs::file_size(layout.refso3(), error), "bytes"};
  const auto snapshot = snapshot_file_bytes(layout);
  if (!snapshot) return std::unexpected(snapshot.error());
  figures["snapshot_file_bytes"] = {*snapshot, "bytes"};
  return figures;
}

Result<std::string> compiler() {
  std::string version;
  auto status = run_tool({"aarch64-linux-gnu-g++", "-dumpfullversion"}, [&](std::string_view line) { version = line; });
  if (!status) return std::unexpected(status.error());
  return "gcc " + version;
}

// What is more than 2 % worse than its entry in the ledger; less is better in every row. What has become better is said.
Result<std::vector<std::string>> compare(const Layout& layout, const Figures& figures) {
  auto ledger = read_json(layout.root / "tests/bench/ledger.json");
  if (!ledger) return std::unexpected(ledger.error());
  auto key = compiler();
  if (!key) return std::unexpected(key.error());
  std::vector<std::string> off;
  if (!ledger->contains(*key)) {
    remark(fmt::format("me: the ledger has no figures of {}: nothing is compared", *key));
    return off;
  }
  for (const auto& [name, entry] : (*ledger)[*key].items()) {
    const auto figure = figures.find(name);
    const auto wanted = entry.is_number() ? entry.get<double>() : 0;
    if (figure == figures.end()) off.push_back(fmt::format("{} was not measured; the ledger has {}", name, wanted));
    else if (const auto value = static_cast<double>(figure->second.value); value > wanted * (1 + tolerance))
      off.push_back(fmt::format("{} is {}; the ledger has {}", name, value, wanted));
    else if (value < wanted * (1 - tolerance))
      remark(fmt::format("me: {} is {} now, better than the ledger's {}: enter it there", name, value, wanted));
  }
  return off;
}

// In the order of tests/bench/figures.json, then what it does not know.
Result<> bench(Context& context, bool check) {
  auto known = read_json(context.layout.root / "tests/bench/figures.json");
  if (!known) return std::unexpected(known.error());
  auto figures = measure(context.layout);
  if (!figures) return std::unexpected(figures.error());

  json rows = json::array();
  std::vector<std::string> missing;
  auto rest = *figures;
  if (!context.json)
    print_line(fmt::format("{:<24} {:>12}  {:<13} {:>10}  {}", "operation", "figure", "unit", "target", "peers"));
  const auto show = [&](const std::string& name, const Figure& figure, const json& target, const std::string& peer) {
    rows.push_back({{"name", name}, {"value", figure.value}, {"unit", figure.unit}, {"target", target}});
    if (context.json) return;
    const bool over = target.is_number() && figure.value > target.get<std::uint64_t>();
    print_line(fmt::format("{:<24} {}  {:<13} {:>10}  {}", name,
                           paint(over ? Colour::bad : Colour::good, fmt::format("{:>12}", with_commas(figure.value))),
                           figure.unit, target.is_number() ? with_commas(target.get<std::uint64_t>()) : "", peer));
  };
  for (const auto& row : *known) {
    const auto name = row.value("name", "");
    if (const auto figure = rest.extract(name))
      show(name, figure.mapped(), row.value("target", json()), row.value("peer", ""));
    else missing.push_back(name);
  }
  for (const auto& [name, figure] : rest) show(name, figure, json(), "");
  if (context.json) print_json(rows);
  if (!missing.empty()) return fail(Errc::failed, fmt::format("not measured: {}", fmt::join(missing, ", ")));
  if (!check) return {};
  auto off = compare(context.layout, *figures);
  if (!off) return std::unexpected(off.error());
  if (off->empty()) return {};
  return fail(Errc::failed, fmt::format("more than 2 % worse than the ledger:\n  {}", fmt::join(*off, "\n  ")),
              "find the reason; if it is wanted, change tests/bench/ledger.json and say why in the commit");
}

}  // namespace

void add_bench(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("bench");
  auto check = std::make_shared<bool>(false);
  verb->add_flag("--check", *check);
  verb->callback([check, &chosen] { chosen = [check](Context& context) { return bench(context, *check); }; });
}

}  // namespace me
