// me test: ctest on the build with sanitizers, which has unit tests and emulated tests, and a sum at the end.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "engine/host/process.hpp"
#include "tools/me/verb.hpp"
#include "tools/me/verbs/coverage.hpp"
#include "tools/me/verbs/tool.hpp"

namespace me {
namespace {

using engine::fail;
namespace fs = std::filesystem;

struct Sum {
  std::uint64_t passed = 0, failed = 0;
  std::vector<std::string> failures;
};

// "100% tests passed, 0 tests failed out of 12", and after it "  7 - name (Failed)" for each that did.
void read_ctest_line(std::string_view line, Sum& sum) {
  constexpr std::string_view middle = " tests failed out of ", before = "% tests passed, ";
  const auto at = line.find(middle), from = line.find(before);
  if (at != line.npos && from != line.npos) {
    std::uint64_t all = 0;
    std::from_chars(line.data() + from + before.size(), line.data() + at, sum.failed);
    std::from_chars(line.data() + at + middle.size(), line.data() + line.size(), all);
    sum.passed = all - sum.failed;
  } else if (const auto dash = line.find(" - "); sum.failed > 0 && dash != line.npos && line.ends_with(')')) {
    sum.failures.emplace_back(line.substr(dash + 3, line.rfind(" (") - dash - 3));
  }
}

// A build of its own for a special purpose, configured when it is not there yet.
Result<> build_special(const Context& context, const char* name, std::vector<std::string> definitions,
                       const char* ninja_target) {
  const auto folder = context.layout.build(name);
  const auto run = [&](std::vector<std::string> command) -> Result<> {
    auto status = run_tool(command, [&](std::string_view line) {
      if (line.find("rror") != line.npos) remark(line);
    });
    if (!status) return std::unexpected(status.error());
    if (*status != 0) return fail(Errc::failed, fmt::format("build/{} could not be made (errors above)", name));
    return {};
  };
  std::error_code error;
  if (!fs::exists(folder / "build.ninja", error)) {
    remark(fmt::format("me: configuring build/{}", name));
    definitions.insert(definitions.begin(),
                       {"cmake", "-S", context.layout.root.string(), "-B", folder.string(), "-G", "Ninja"});
    if (auto configured = run(definitions); !configured) return configured;
  }
  remark(fmt::format("me: building build/{}", name));
  return run({"ninja", "-C", folder.string(), ninja_target});
}

// Host and target with counters; the emulated tests find the images and leave the streams by these variables.
Result<> build_for_coverage(const Context& context) {
  const auto guest = context.layout.build("coverage") / "guest";
  std::error_code error;
  fs::remove_all(guest, error);
  remove_counters(context.layout.build("host-coverage"));
  ::setenv("ME_COVERAGE", guest.c_str(), 1);
  ::setenv("ME_TARGET", context.layout.build("target-coverage").c_str(), 1);
  const auto toolchain =
      "-DCMAKE_TOOLCHAIN_FILE=" + (context.layout.root / "toolchain/aarch64-baremetal.cmake").string();
  if (auto target = build_special(context, "target-coverage",
                                  {toolchain, "-DCMAKE_BUILD_TYPE=Release", "-DSO3_COVERAGE=ON"}, "all");
      !target)
    return target;
  const std::string flags = "-O0 -g --coverage -fprofile-abs-path -fprofile-update=atomic";
  return build_special(context, "host-coverage",
                       {"-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS=" + flags, "-DCMAKE_C_FLAGS=" + flags}, "all");
}

Result<> build_for_fuzzing(const Context& context) {
  const auto cxx = newest_clang();
  if (const auto path = engine::find_program(cxx); !path.empty())
    return build_special(
        context, "fuzz",
        {"-DSO3_FUZZ=ON", "-DCMAKE_CXX_COMPILER=" + path, "-DCMAKE_C_COMPILER=clang" + cxx.substr(cxx.find('-'))},
        "tests/fuzz/all");
  return fail(Errc::environment, "fuzzing needs clang 19 or later", "apt-get install clang-19");
}

Result<> run_ctest(const Context& context, const char* preset, const std::string& filter, Sum& sum) {
  const auto folder = context.layout.build(preset);
  std::error_code error;
  if (!fs::exists(folder / "CTestTestfile.cmake", error))
    return fail(Errc::environment, fmt::format("{} is not built", folder.string()),
                "run ./me test in the root of the repository");
  std::vector<std::string> command = {
      "ctest", "--test-dir", folder.string(), "--output-on-failure", "--no-tests=error", "--parallel", "2"};
  if (!filter.empty()) command.insert(command.end(), {"-R", filter});
  auto status = run_tool(command, [&](std::string_view line) {
    read_ctest_line(line, sum);
    remark(line);
  });
  if (!status) return std::unexpected(status.error());
  if (sum.passed + sum.failed == 0)
    return fail(Errc::failed, "no test was run", filter.empty() ? "" : "is the filter right?");
  return {};
}

// Each fuzz target for so many seconds; what it finds stays in build/fuzz/found.
Result<> run_fuzzers(const Context& context, std::uint64_t seconds, Sum& sum) {
  if (auto built = build_for_fuzzing(context); !built) return built;
  const auto folder = context.layout.build("fuzz") / "tests/fuzz";
  std::vector<fs::path> targets;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().filename().string().starts_with("fuzz_") && !entry->path().has_extension() &&
        entry->is_regular_file(error))
      targets.push_back(entry->path());
  if (targets.empty())
    return fail(Errc::environment, fmt::format("there is no fuzz target in {}", folder.string()),
                "run ./me test --fuzz SECONDS in the root");
  std::ranges::sort(targets);
  const auto found = context.layout.build("fuzz") / "found";
  fs::create_directories(found, error);
  for (const auto& target : targets) {
    const auto name = target.filename().string();
    const auto corpus = context.layout.build("fuzz") / "corpus" / name;
    fs::create_directories(corpus, error);
    std::vector<std::string> command = {target.string(), fmt::format("-max_total_time={}", seconds),
                                        "-artifact_prefix=" + found.string() + '/' + name + '-', corpus.string()};
    if (const auto seeds = context.layout.root / "tests/fuzz/corpus" / name.substr(5); fs::exists(seeds, error))
      command.push_back(seeds.string());
    remark("fuzzing " + name);
    std::string last;
    auto status = run_tool(command, [&](std::string_view line) {
      if (line.find("ERROR") != line.npos || line.find("SUMMARY") != line.npos) remark(line);
      last = line;
    });
    if (!status) return std::unexpected(status.error());
    remark("  " + last);
    *status == 0 ? ++sum.passed : ++sum.failed;
    if (*status != 0) sum.failures.push_back(name);
  }
  return {};
}

// Enough to run all seeds and some thousands of variants of each.
constexpr std::uint64_t short_fuzz_seconds = 3;

struct Arguments {
  std::string filter;
  std::uint64_t fuzz = 0;
  bool coverage = false;
};

json as_json(const Coverage& report) {
  const auto share = [](const Coverage::Share& s) { return json{{"all", s.all}, {"reached", s.reached}}; };
  const auto part = [&](const Coverage::Part& p) {
    return json{{"lines", share(p.lines)}, {"functions", share(p.functions)}, {"branches", share(p.branches)}};
  };
  json folders = json::object();
  for (const auto& [folder, sums] : report.folders) folders[folder] = part(sums);
  return {{"report", report.page.string()}, {"all", part(report.sum)}, {"folders", folders}};
}

void print(const Coverage& report) {
  const auto share = [](const Coverage::Share& s) {
    return fmt::format("{:>5.1f} % of {:>6}", s.percent(), with_commas(s.all));
  };
  const auto line = [&](std::string_view folder, const Coverage::Part& part) {
    print_line(
        fmt::format("{:<14}  {}  {}  {}", folder, share(part.lines), share(part.functions), share(part.branches)));
  };
  print_line(fmt::format("{:<14}  {:>17}  {:>17}  {:>17}", "reached", "lines", "functions", "branches"));
  for (const auto& [folder, lines] : report.folders) line(folder, lines);
  line("all", report.sum);
  print_line(report.page.string());
}

Result<> test(Context& context, const Arguments& arguments) {
  Sum sum;
  Result<> ran;
  if (arguments.coverage) ran = build_for_coverage(context);
  if (!ran) return ran;
  if (arguments.fuzz == 0)
    ran = run_ctest(context, arguments.coverage ? "host-coverage" : "host-sanitizers", arguments.filter, sum);
  if (!ran) return ran;
  const bool everything = !arguments.coverage && arguments.filter.empty();
  if (arguments.fuzz > 0 || everything)
    ran = run_fuzzers(context, arguments.fuzz > 0 ? arguments.fuzz : short_fuzz_seconds, sum);
  if (!ran) return ran;
  json result{{"passed", sum.passed}, {"failed", sum.failed}, {"failures", sum.failures}};
  if (arguments.coverage) {
    const auto report = coverage_report(context.layout);
    if (!report) return std::unexpected(report.error());
    result["coverage"] = as_json(*report);
    if (!context.json) print(*report);
  }
  if (context.json) print_json(result);
  else print_line(fmt::format("{} passed, {} failed", sum.passed, sum.failed));
  if (sum.failed == 0) return {};
  return fail(Errc::failed, {});
}

}  // namespace

void add_test(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("test");
  auto arguments = std::make_shared<Arguments>();
  verb->add_option("-R,--filter", arguments->filter)->check(not_empty());
  verb->add_option("--fuzz", arguments->fuzz)
      ->check(decimal())
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1000000}));
  verb->add_flag("--coverage", arguments->coverage);
  verb->callback(
      [arguments, &chosen] { chosen = [arguments](Context& context) { return test(context, *arguments); }; });
}

}  // namespace me
