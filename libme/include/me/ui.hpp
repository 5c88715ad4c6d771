// The user interface of an ME on a tablet: a model (what is on the screen), messages (what changes there) and events
// (what the user did). Each is one XML document in one packet.
//
//   me::ui::Model model{"Lamp", "A lamp in the hall"};
//   model.row().add(2, me::ui::Button{"on", "On"}).add(2, me::ui::Button{"off", "Off"});
//   if (const auto xml = model.xml()) send(*xml);
//   else printk("%.*s\n", int(xml.error().text().size()), xml.error().text().data());
//
//   me::ui::read_events(packet, [](const me::ui::Event& event) {
//     if (event.from == "on" && event.action == me::ui::click_down) lamp.on();
//   });
//
// Whatever stands in a text arrives as it is: special characters are escaped, and decoded. Text is UTF-8 without control
// characters other than tab, line feed and carriage return; ids are not empty. Needs some kilobytes of heap, which are
// given back with the object; never blocks; for threads and dc_events.
#pragma once
#include <me/xml.h>
#include <me/me.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <variant>

namespace me::ui {

inline constexpr std::size_t packet_max = ME_XML_PACKET_MAX;  // bytes, with the NUL
inline constexpr std::size_t document_max = 4096;  // bytes that are read
inline constexpr unsigned depth_max = 8;  // elements in elements that are read

// Why something was not made, or not read: a sentence with the limit and what was found.
class Refusal {
 public:
  [[gnu::format(printf, 3, 4)]] Refusal(Error error, const char* format, ...);
  Error error() const { return error_; }  // Error::too_big or Error::invalid
  std::string_view text() const { return text_.data(); }

 private:
  Error error_;
  std::array<char, 128> text_;
};

template <typename T>
using Outcome = std::expected<T, Refusal>;

// ---- Widgets

// One that is locked after a click for lock_after, unless that is 0.
struct Button {
  std::string_view id, caption;
  std::chrono::milliseconds lock_after{0};
};
struct Label {
  std::string_view of, text;  // `of`: the id of the widget that it belongs to
};
struct Text {
  std::string_view text;
};
struct Input {
  std::string_view id;
};
// Filled by messages.
struct Scroll {
  std::string_view id;
};
using Widget = std::variant<Button, Label, Text, Input, Scroll>;

class Printer;
struct PrinterDeleter {
  void operator()(Printer*) const;
};
using PrinterPtr = std::unique_ptr<Printer, PrinterDeleter>;

// What is on the screen: rows of columns, with one widget in each. The species is this ME's own.
class Model {
 public:
  Model(std::string_view name, std::string_view description);

  Model& row();
  // A column as wide as `span` (1 to 12) in the row begun last.
  Model& add(unsigned span, const Widget& widget);

  // The document, as long as the model lives; nothing can be added after it. What was refused first on the way here is
  // refused here.
  Outcome<std::string_view> xml();

 private:
  PrinterPtr printer_;
};

// What changes on the screen.
class Messages {
 public:
  Messages();
  // The new text of the widget `to`.
  Messages& add(std::string_view to, std::string_view text);
  // A line of a conversation.
  Messages& add_chat(std::string_view to, std::string_view sender, std::string_view text);

  // As Model::xml.
  Outcome<std::string_view> xml();

 private:
  PrinterPtr printer_;
};

// ---- Events

inline constexpr std::string_view click_down = "clickDown", click_up = "clickUp", value_changed = "valueChanged";

// Of the widget `from`; `text` is what it holds.
struct Event {
  std::string_view from, action, text;
};

using EventFunction = void (*)(void* context, const Event&);
Outcome<std::size_t> read_events(std::string_view document, EventFunction on_event, void* context);

// Calls on_event for each event, in order; returns how many there were. A document that is refused has no events. The
// strings live until on_event returns.
template <std::invocable<const Event&> F>
[[nodiscard]] Outcome<std::size_t> read_events(std::string_view document, F&& on_event) {
  using Function = std::remove_reference_t<F>;
  return read_events(
      document, [](void* f, const Event& e) { (*static_cast<Function*>(f))(e); },
      const_cast<void*>(static_cast<const void*>(std::addressof(on_event))));
}

}  // namespace me::ui
