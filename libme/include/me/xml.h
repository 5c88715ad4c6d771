/* Messages to and events from the user's tablet, as XML; in C. C++ authors include <me/ui.hpp>, which adds models and
 * results that say why.
 *
 *   char packet[ME_XML_PACKET_MAX];
 *   int length = me_xml_message(packet, sizeof packet, "label-left", "on");
 *   if (length >= 0) ...send `length` + 1 bytes...
 *
 *   me_xml_each_event(packet, size, on_event, NULL);
 *
 * All of these need some kilobytes of heap while they run and none afterwards, do not block, and are for threads and
 * dc_events: in a domcall there is no tablet. What is refused leaves nothing half made, and the console says why.
 * Text is UTF-8 without control characters other than tab, line feed and carriage return. */
#ifndef ME_XML_H
#define ME_XML_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ME_XML_PACKET_MAX 1024 /* bytes of one packet to or from a tablet, with the NUL */
#define ME_XML_ID_SIZE 20      /* bytes of a buffer for an id or an action, with the NUL */

/* A message for the widget `id`: its new text. Special characters are escaped.
 * Returns the bytes written without the NUL. ME_ETOOBIG: it does not fit in `size` or in a packet. ME_EINVAL: no text. */
int me_xml_message(char* buffer, size_t size, const char* id, const char* value);

/* A line of a conversation, for the widget `id`: who said it, and what. */
int me_xml_chat(char* buffer, size_t size, const char* id, const char* sender, const char* text);

/* What the user did with the widget `from`: action is "clickDown", "clickUp", "valueChanged"; text is what the widget
 * holds, "" if nothing. Entities are decoded. The strings live until the function returns. */
typedef void (*me_xml_event_fn)(const char* from, const char* action, const char* text, void* context);

/* Calls on_event for each event of a document of `size` bytes (a NUL at its end may be among them), in order.
 * Returns how many there were. ME_EINVAL: it is not a document of events; then on_event has not been called at all.
 * ME_ETOOBIG: longer than 4,096 bytes. */
int me_xml_each_event(const char* document, size_t size, me_xml_event_fn on_event, void* context);

/* ---- As published, without sizes. New code uses those above. */

/* buffer has ME_XML_PACKET_MAX bytes. On refusal it is "". */
void xml_prepare_message(char* buffer, char* id, char* value);

/* For the widget "msg-history". */
void xml_prepare_chat(char* buffer, char* sender, char* text);

/* buffer holds a document that ends with a NUL; of its first event, from and action. id and action have ME_XML_ID_SIZE
 * bytes each. On refusal, also of what is longer, both are "". */
void xml_parse_event(char* buffer, char* id, char* action);

/* The text of the first event; content has ME_XML_PACKET_MAX bytes. On refusal it is "". */
void xml_get_event_content(char* buffer, char* content);

#ifdef __cplusplus
}
#endif
#endif
