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

}  // namespace
}  // namespace me
