// Requests that a supervisor gets: any JSON is answered, never with a crash.
#include "tools/me/supervisor/requests.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tools/me/output.hpp"

namespace me {
namespace {

class RequestsTest : public testing::Test {
 protected:
  void SetUp() override {
    engine::Options options;
    options.qemu = FAKE_QEMU;
    options.avz = options.agency = FAKE_QEMU;
    options.log_base = folder_;
    auto started = engine::SmartObject::start(options);
    ASSERT_TRUE(started) << started.error().message;
    so_ = std::move(*started);
    links_ = std::make_unique<Links>(*so_, engine::FileDescriptor());
  }
  void TearDown() override {
    links_.reset();
    so_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) / fmt::format("requests-{}", ::getpid());
  std::unique_ptr<engine::SmartObject> so_;
  std::unique_ptr<Links> links_;
};

TEST_F(RequestsTest, AnswersWhatItKnows) {
  EXPECT_EQ(answer(*so_, *links_, {{"verb", "ps"}}), json({{"value", json::array()}}));
  const auto info = answer(*so_, *links_, {{"verb", "info"}});
  EXPECT_EQ(info["value"]["cpus"], 4);
  EXPECT_EQ(answer(*so_, *links_, {{"verb", "vbstore"}, {"path", "soo"}}),
            json({{"value", {{{"path", "soo/me/2/name"}, {"value", "SOO.fake"}}}}}));
}

TEST_F(RequestsTest, AnswersNonsenseWithAnError) {
  for (const auto* text : {"null",
                           "1",
                           "[]",
                           "{}",
                           R"({"verb":1})",
                           R"({"verb":"no"})",
                           R"({"verb":"kill"})",
                           R"({"verb":"kill","slot":"2"})",
                           R"({"verb":"kill","slot":-1})",
                           R"({"verb":"kill","slot":4294967296})",
                           R"({"verb":"stop","slot":2})",
                           R"({"verb":"inject"})",
                           R"({"verb":"inject","file":[]})",
                           R"({"verb":"vbstore","path":{}})",
                           R"({"verb":"link"})",
                           R"({"verb":"link","to":7})",
                           R"({"verb":"link","to":"so1"})",
                           R"({"verb":"link","to":"../x"})",
                           R"({"verb":"unlink"})",
                           R"({"verb":"doubts"})",
                           R"({"verb":"doubts","with":{}})",
                           R"({"verb":"propagate"})",
                           R"({"verb":"propagate","slot":2,"to":[]})",
                           R"({"verb":"propagate","slot":2,"to":"so1"})",
                           R"({"verb":"propagate","slot":2,"to":""})",
                           R"({"verb":"migrate","slot":2})",
                           R"({"verb":"migrate","slot":2,"to":"so1"})",
                           R"({"verb":"snapshot"})",
                           R"({"verb":"snapshot","slot":2})",
                           R"({"verb":"snapshot","slot":2,"file":7})",
                           R"({"verb":"snapshot","file":"/tmp/a.me"})",
                           R"({"verb":"restore"})",
                           R"({"verb":"restore","file":null})",
                           R"({"verb":"period","ms":-1})"}) {
    const auto reply = answer(*so_, *links_, json::parse(text));
    ASSERT_TRUE(reply.contains("error")) << text;
    EXPECT_EQ(reply["error"]["code"], 2) << text;
  }
}

TEST(Output, WritesNumbersAndJson) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
  EXPECT_EQ(to_text({{"a", "\xff"}}), "{\"a\":\"\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace me
