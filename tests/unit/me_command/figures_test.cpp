// The specification promises what the bench measures: the same figures, in the same order, with the same targets.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace me {
namespace {

using Row = std::pair<std::string, std::string>;  // name and target

std::vector<Row> rows_of_specification() {
  std::ifstream in(std::filesystem::path(ROOT) / "docs/specification.md");
  std::vector<Row> rows;
  std::string line;
  while (std::getline(in, line) && !line.starts_with("| figure | at most |")) {
  }
  std::getline(in, line);
  while (std::getline(in, line) && line.starts_with("| `")) {
    const auto name_end = line.find('`', 3), target = name_end + 4, target_end = line.find(" |", target);
    auto number = line.substr(target, target_end - target);
    std::erase(number, ',');
    rows.emplace_back(line.substr(3, name_end - 3), number);
  }
  return rows;
}

TEST(Figures, OfTheSpecificationAreThoseOfTheBench) {
  std::ifstream in(std::filesystem::path(ROOT) / "tests/bench/figures.json");
  std::vector<Row> measured;
  for (const auto& row : nlohmann::json::parse(in)) {
    const auto target = row.value("target", nlohmann::json());
    measured.emplace_back(row["name"], target.is_number() ? target.dump() : "published");
  }
  ASSERT_FALSE(measured.empty());
  EXPECT_EQ(rows_of_specification(), measured);
}

// "1,345", "0.25 M", "312 KB"
double number(std::string text) {
  std::erase(text, ',');
  return std::stod(text) * (text.ends_with('M') ? 1e6 : text.ends_with("KB") ? 1024 : 1);
}

// The first page rounds, and does not flatter.
TEST(Figures, OfTheReadmeAreThoseOfTheLedger) {
  const std::filesystem::path root = ROOT;
  std::ifstream ledger_file(root / "tests/bench/ledger.json"), readme(root / "README.md");
  const auto ledger = nlohmann::json::parse(ledger_file).front();
  std::string line;
  while (std::getline(readme, line) && !line.starts_with("| | here |")) {
  }
  std::getline(readme, line);
  for (const auto* name :
       {"null_hypercall", "event_send_pending", "domcall", "thread_switch", "mutex_pair", "event_send_remote",
        "snapshot_pause_16m", "avz_boot", "inject_to_living", "min_domain_bytes"}) {
    ASSERT_TRUE(std::getline(readme, line) && line.starts_with("| ")) << name;
    const auto begin = line.find(" | ") + 3;
    const auto measured = ledger.at(name).get<double>();
    EXPECT_NEAR(number(line.substr(begin, line.find(" |", begin) - begin)), measured, measured * 0.05) << line;
  }
}

}  // namespace
}  // namespace me
