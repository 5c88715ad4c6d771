// A document that is written element by element. The first refusal ends it: what comes after is not written any more.
#pragma once
#include <tinyxml2.h>

#include <optional>

#include "libme/ui/text_check.hpp"

namespace me::ui {

// Indents by one blank, and without a line feed at the end, as tablets have always got it.
class Layout : public tinyxml2::XMLPrinter {
 protected:
  void PrintSpace(int depth) override {
    while (depth-- > 0) Putc(' ');
  }
};

class Printer {
 public:
  // `what` it is, in refusals; begins with the element `root`.
  Printer(const char* what, const char* root);

  Printer& open(const char* element);
  Printer& attribute(const char* name, std::string_view value);
  Printer& attribute(const char* name, unsigned value);
  // An attribute that names a widget.
  Printer& id(const char* name, std::string_view value);
  Printer& text(std::string_view value);
  Printer& close();
  // All that is open, but the innermost `keep`.
  Printer& close_to(unsigned keep);

  void refuse(Refusal why);
  unsigned depth() const { return open_; }
  Outcome<std::string_view> finish();

 private:
  // `value` where tinyxml2 finds a NUL; null: it is refused, or something was before.
  const char* admit(const char* name, std::string_view value);
  void check_size();

  const char* what_;
  Layout out_;
  unsigned open_ = 0;
  bool finished_ = false;
  std::optional<Refusal> refused_;
  std::array<char, packet_max> value_;
};

}  // namespace me::ui
