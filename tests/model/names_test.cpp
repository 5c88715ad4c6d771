// The model and the code name the same messages, states and callbacks.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "so3/abi/lifecycle.hpp"
#include "so3/abi/sequence.hpp"
#include "so3/abi/transfer.hpp"

namespace {

std::string model() {
  std::ostringstream text;
  text << std::ifstream(MODEL).rdbuf();
  return text.str();
}

// What follows `mtype = {` up to the brace, of all such lines.
std::set<std::string> constants() {
  const auto text = model();
  std::set<std::string> names;
  const std::regex list(R"(mtype = \{([^}]*)\})"), word(R"(\w+)");
  for (std::sregex_iterator l(text.begin(), text.end(), list), end; l != end; ++l) {
    const auto body = (*l)[1].str();
    for (std::sregex_iterator w(body.begin(), body.end(), word); w != std::sregex_iterator(); ++w)
      names.insert(w->str());
  }
  return names;
}

TEST(ModelNames, AreThoseOfTheProtocol) {
  using namespace abi::transfer;
  std::set<std::string> wanted{"none"};
  for (std::uint16_t t = 1; name(static_cast<Type>(t)) != "unknown message"; ++t)
    wanted.emplace(name(static_cast<Type>(t)));
  for (const auto kind : {Kind::copy, Kind::move}) wanted.emplace(name(kind));
  for (const auto s : {Sender::offered, Sender::sending, Sender::sent, Sender::cancelling, Sender::done})
    wanted.emplace(name(s));
  for (const auto r :
       {Receiver::receiving, Receiver::activating, Receiver::arrived, Receiver::refused, Receiver::cancelled})
    wanted.emplace(name(r));
  for (const auto s : {"ME_living", "ME_suspended", "ME_gone"}) wanted.emplace(s);
  EXPECT_EQ(constants(), wanted);
}

// `step_x(n)` has the callback beside it: in the model's order it must stand in the sequence.
void expect_order(const char* step, const abi::Sequence& sequence) {
  const auto text = model();
  const std::regex call(std::string(step) + R"(\((\d)\);? */\* (\w+))");
  std::map<int, std::string> order;
  for (std::sregex_iterator c(text.begin(), text.end(), call), end; c != end; ++c)
    order[std::stoi((*c)[1].str())] = (*c)[2].str();
  std::vector<std::string> published;
  for (const auto s : sequence.steps)
    if (abi::name(s).starts_with("cb_") || s == abi::Step::snapshot) published.emplace_back(abi::name(s));
  std::vector<std::string> modelled;
  for (const auto& [n, name] : order) modelled.push_back(name == "the" ? "snapshot" : name);
  EXPECT_EQ(modelled, published);
}

TEST(ModelNames, CallbacksComeInTheOrderOfTheSequences) {  // M61, M62
  expect_order("step_a", abi::sequence::resident);
  expect_order("step_b", abi::sequence::arrival);
}

}  // namespace
