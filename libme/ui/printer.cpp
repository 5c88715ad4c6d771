#include "libme/ui/printer.hpp"

#include <cstring>

namespace me::ui {

void PrinterDeleter::operator()(Printer* printer) const { delete printer; }

Printer::Printer(const char* what, const char* root) : what_{what} { open(root); }

Printer& Printer::open(const char* element) {
  if (refused_) return *this;
  if (finished_) {
    refuse({Error::invalid, "%s is finished: nothing can be added", what_});
    return *this;
  }
  out_.OpenElement(element);
  ++open_;
  return *this;
}

Printer& Printer::attribute(const char* name, std::string_view value) {
  if (const auto* const text = admit(name, value)) out_.PushAttribute(name, text);
  check_size();
  return *this;
}

Printer& Printer::attribute(const char* name, unsigned value) {
  if (!refused_) out_.PushAttribute(name, value);
  return *this;
}

Printer& Printer::id(const char* name, std::string_view value) {
  if (value.empty() && !refused_) refuse({Error::invalid, "an element of %s has an empty %s", what_, name});
  return attribute(name, value);
}

Printer& Printer::text(std::string_view value) {
  if (const auto* const text = admit("text", value)) out_.PushText(text);
  check_size();
  return *this;
}

Printer& Printer::close() {
  if (refused_ || open_ == 0) return *this;
  out_.CloseElement();
  --open_;
  check_size();
  return *this;
}

Printer& Printer::close_to(unsigned keep) {
  while (open_ > keep && !refused_) close();
  return *this;
}

void Printer::refuse(Refusal why) {
  if (!refused_) refused_ = why;
}

Outcome<std::string_view> Printer::finish() {
  close_to(0);
  finished_ = true;
  if (refused_) return std::unexpected{*refused_};
  std::string_view document{out_.CStr(), static_cast<std::size_t>(out_.CStrSize() - 1)};
  if (document.ends_with('\n')) document.remove_suffix(1);
  return document;
}

const char* Printer::admit(const char* name, std::string_view value) {
  if (refused_) return nullptr;
  if (value.size() >= value_.size()) {
    refuse({Error::too_big, "a %s of %zu bytes in %s: a packet has %zu with all that is in it", name, value.size(),
            what_, packet_max});
    return nullptr;
  }
  if (const auto fine = check_text(name, value); !fine) {
    refuse(fine.error());
    return nullptr;
  }
  std::memcpy(value_.data(), value.data(), value.size());
  value_[value.size()] = '\0';
  return value_.data();
}

// CStrSize counts the NUL, and the line feed that finish() takes away.
void Printer::check_size() {
  const auto size = static_cast<std::size_t>(out_.CStrSize());
  if (!refused_ && size > packet_max + (open_ == 0))
    refuse({Error::too_big, "%s does not fit in a packet of %zu bytes: it has %zu so far", what_, packet_max, size});
}

}  // namespace me::ui
