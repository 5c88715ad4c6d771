#include "tools/capsule/describe.hpp"

#include <array>
#include <cstring>
#include <sstream>

#include "engine/capsule/capsule.hpp"
#include "so3/image/me_tree.hpp"
#include "tools/capsule/files.hpp"
#include "tools/capsule/source_map.hpp"
#include "tools/capsule/symbols.hpp"

namespace capsule_tool {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string text_of(const image::Error& error) {
  std::array<char, 256> line;
  return std::string(image::message(error, line));
}

void write_image(std::ostream& out, std::string_view node, std::string_view description, std::string_view type,
                 const std::filesystem::path& data, std::string_view more) {
  out << "\t\t" << node << " {\n\t\t\tdescription = " << quoted(description) << ";\n\t\t\tdata = /incbin/("
      << quoted(data.filename().string()) << ");\n\t\t\ttype = \"" << type << "\";\n\t\t\tarch = \"arm64\";\n"
      << "\t\t\tcompression = \"none\";\n"
      << more << "\t\t\thash-1 { algo = \"sha256\"; };\n\t\t};\n";
}

}  // namespace

void write_its(const Parts& parts, const std::filesystem::path& its) {
  const auto raw = read_file(parts.image);
  const auto dtb = read_file(parts.dtb);
  const SourceMap sources(parts.annotated);
  const auto refuse = [&](const image::Error& error) {
    die(sources.place(std::string(error.node.view()), std::string(error.property.view())), text_of(error));
  };
  const auto me = image::parse_me_tree(dtb);
  if (!me) refuse(me.error());

  // The driver of a device defines frontend_<type>.
  for (const auto type : me->enabled_frontends()) {
    const auto driver = "frontend_" + std::string(type);
    if (defines_symbol(parts.elf, driver)) continue;
    die(sources.place(std::string(type), "status"),
        std::string(type) + " is enabled, but its driver is not linked: add " + driver + " to LIBRARIES");
  }

  abi::ImageHeader header;
  if (raw.size() < sizeof header) die(parts.image.string(), "is not an image: no header");
  std::memcpy(&header, raw.data(), sizeof header);
  const auto ramfs_size = parts.ramfs.empty() ? 0 : read_file(parts.ramfs).size();
  const auto needed = image::required_memory(header, dtb.size(), ramfs_size);
  if (me->domain_size < needed) {
    refuse({image::Fault::domain_size_too_small, "/ME", "domain-size", me->domain_size, needed});
  }

  std::ostringstream abi_line;
  abi_line << "\t\t\tos = \"linux\";\n\t\t\t" << abi::fit_abi_property << " = <" << header.abi_version << ">;\n";
  std::ostringstream out;
  out << "/dts-v1/;\n/ {\n\tdescription = " << quoted(me->name) << ";\n\timages {\n";
  write_image(out, "so3", me->name, "ME", parts.image, abi_line.str());
  write_image(out, "fdt", "device tree", "flat_dt", parts.dtb, "");
  if (!parts.ramfs.empty()) write_image(out, "ramfs", "files", "ramdisk", parts.ramfs, "\t\t\tos = \"linux\";\n");
  out << "\t};\n};\n";
  write_file(its, out.str());
}

void verify_itb(const std::filesystem::path& itb) {
  const auto capsule = engine::Capsule::parse(read_file(itb));
  if (!capsule) die(itb.string(), capsule.error());
}

}  // namespace capsule_tool
