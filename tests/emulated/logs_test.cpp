// VLOGS end to end: from logs() in an ME to a file on the host.
#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {
namespace {

using LogsTest = SmartObjectTest;

Names lines_of(const fs::path& file) {
  Names lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// E38 to E40: one file per ME, named by its slot, lines with the prefix.
TEST_P(LogsTest, LinesReachTheFileOfTheirMe) {
  boot();
  const auto one = inject(refso3()), two = inject(trouble("quiet"));
  const auto of_one = logged(one, 3);
  for (const auto& line : of_one) EXPECT_EQ(line, fmt::format("[ME:{}] A in domain {}", one, one));
  so_->flush_logs();
  const auto in_file = lines_of(so_->log_folder() / fmt::format("me_{}.log", one));
  ASSERT_GE(in_file.size(), of_one.size());
  EXPECT_TRUE(std::ranges::equal(of_one, std::span(in_file).first(of_one.size())));
  EXPECT_EQ(lines_of(so_->log_folder() / fmt::format("me_{}.log", two)), Names{fmt::format("[ME:{}] here", two)});
}

// Nothing is dropped in silence: a writer that is faster than its reader waits.
TEST_P(LogsTest, AChattyMeLosesNoLine) {
  boot();
  const auto slot = inject(trouble("chatty"));
  const auto lines = logged(slot, 5001);
  ASSERT_EQ(lines.size(), 5001U);
  for (std::size_t i = 0; i < 5000; ++i)
    ASSERT_TRUE(lines[i + 1].starts_with(fmt::format("[ME:{}] line {} of 5000,", slot, i))) << lines[i + 1];
  so_->flush_logs();
  EXPECT_EQ(lines_of(so_->log_folder() / fmt::format("me_{}.log", slot)), lines);
}

FOR_EACH_GIC(LogsTest);

}  // namespace
}  // namespace emulated
