#include "libme/ui/printer.hpp"

namespace me::ui {

Messages::Messages() : printer_{new Printer{"a packet of messages", "messages"}} {}

Messages& Messages::add(std::string_view to, std::string_view text) {
  printer_->open("message").id("to", to).text(text).close();
  return *this;
}

Messages& Messages::add_chat(std::string_view to, std::string_view sender, std::string_view text) {
  printer_->open("message").id("to", to).open("chat").attribute("from", sender).text(text).close().close();
  return *this;
}

Outcome<std::string_view> Messages::xml() { return printer_->finish(); }

}  // namespace me::ui
