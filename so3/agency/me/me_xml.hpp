// The list of MEs as an XML document, for user interfaces:
//
//   <mobile-entities>
//    <mobile-entity spid="0010000000000001" slotID="2">
//     <name>SOO.refso3</name>
//     <description>The reference ME</description>
//    </mobile-entity>
//   </mobile-entities>
//
// No declaration, no end of line after the last element. What XML 1.0 has no way to say - control characters, bytes that
// are not UTF-8 - is U+FFFD.
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "so3/agency/me/me_id.hpp"

namespace agency {

// Parts put together are the document; one that is first and last is all of it.
struct DocumentPart {
  bool first = true, last = true;
};
std::string me_xml(std::span<const MeId> ids, DocumentPart part = {});

// The most that one ME adds: no byte of a text becomes longer than "&amp;".
inline constexpr std::size_t me_xml_frame_max = 160;
inline constexpr std::size_t me_xml_max = me_xml_frame_max + 5 * (me_name_max + me_description_max);
inline constexpr std::size_t me_xml_root_max = 64;

}  // namespace agency
