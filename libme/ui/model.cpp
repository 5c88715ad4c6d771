#include <cstdio>

#include "libme/ui/printer.hpp"

namespace me::ui {
namespace {

constexpr unsigned in_layout = 2, in_row = 3;  // elements that are open
constexpr unsigned span_max = 12;

void print(Printer& out, const Button& button) {
  const auto lock = button.lock_after.count();
  out.open("button").id("id", button.id).attribute("lockable", lock > 0 ? "true" : "false");
  if (lock > 0) {
    char seconds[32];
    const int length = std::snprintf(seconds, sizeof seconds, "%lld.%03lld", static_cast<long long>(lock / 1000),
                                     static_cast<long long>(lock % 1000));
    std::string_view decimal{seconds, static_cast<std::size_t>(length)};
    while (decimal.ends_with('0') && !decimal.ends_with(".0")) decimal.remove_suffix(1);
    out.attribute("lockable-after", decimal);
  }
  out.text(button.caption).close();
}

void print(Printer& out, const Label& label) { out.open("label").id("for", label.of).text(label.text).close(); }
void print(Printer& out, const Text& text) { out.open("text").text(text.text).close(); }
void print(Printer& out, const Input& input) { out.open("input").id("id", input.id).close(); }
void print(Printer& out, const Scroll& scroll) { out.open("scroll").id("id", scroll.id).close(); }

}  // namespace

Model::Model(std::string_view name, std::string_view description) : printer_{new Printer{"a model", "model"}} {
  char species[17];
  std::snprintf(species, sizeof species, "%016llx", static_cast<unsigned long long>(spid()));
  printer_->attribute("spid", std::string_view{species});
  printer_->open("name").text(name).close().open("description").text(description).close().open("layout");
}

Model& Model::row() {
  printer_->close_to(in_layout).open("row");
  return *this;
}

Model& Model::add(unsigned span, const Widget& widget) {
  if (span == 0 || span > span_max)
    printer_->refuse({Error::invalid, "a column of a model spans 1 to %u, not %u", span_max, span});
  if (printer_->depth() == in_layout)
    printer_->refuse({Error::invalid, "a column of a model is in no row: call row() first"});
  printer_->close_to(in_row).open("col").attribute("span", span);
  std::visit([this](const auto& w) { print(*printer_, w); }, widget);
  printer_->close();
  return *this;
}

Outcome<std::string_view> Model::xml() { return printer_->finish(); }

}  // namespace me::ui
