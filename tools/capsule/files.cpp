#include "tools/capsule/files.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>

namespace capsule_tool {

void die(std::string_view place, std::string_view message) {
  std::cerr << place << ": error: " << message << '\n';
  std::exit(1);
}

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) die(path.string(), "cannot be read");
  std::vector<std::byte> bytes(static_cast<std::size_t>(in.tellg()));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in) die(path.string(), "cannot be read to its end");
  return bytes;
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) die(path.string(), "cannot be written");
}

}  // namespace capsule_tool
