#include "tools/capsule/symbols.hpp"

#include <cxxabi.h>
#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <sstream>

#include "so3/kernel/symbols.hpp"
#include "tools/capsule/files.hpp"

namespace capsule_tool {
namespace {

template <class T>
std::vector<T> read_array(std::span<const std::byte> file, std::uint64_t offset, std::uint64_t count,
                          const std::string& name) {
  if (offset > file.size() || count > (file.size() - offset) / sizeof(T)) die(name, "is not a whole ELF file");
  std::vector<T> items(count);
  std::memcpy(items.data(), file.data() + offset, count * sizeof(T));
  return items;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

// Takes away every innermost pair of brackets with what is in it, until none is left.
void remove_nested(std::string& text, char open, char close) {
  for (auto end = text.find(close); end != text.npos; end = text.find(close, end)) {
    const auto begin = text.rfind(open, end);
    if (begin == text.npos) return;
    text.erase(begin, end - begin + 1);
    end = begin;
  }
}

// Without parameters and template arguments: what a backtrace has room for.
std::string short_name(const std::string& mangled) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(mangled.substr(0, mangled.find('.')).c_str(), nullptr, nullptr, &status), &std::free);
  if (status != 0) return mangled.substr(0, std::min(mangled.find('.', 1), kernel::symbol_name_max));
  std::string name = demangled.get();
  replace_all(name, "(anonymous namespace)::", "");
  replace_all(name, "operator()", "operator call");
  const bool symbolic = name.find("operator<") != name.npos || name.find("operator>") != name.npos ||
                        name.find("operator->") != name.npos;
  remove_nested(name, '(', ')');
  if (!symbolic) remove_nested(name, '<', '>');
  replace_all(name, "operator call", "operator()");
  for (const std::string_view suffix : {" const", " &", " &&"}) {
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  }
  // What is before the name is the return type of a template; blanks after "operator" belong to the name.
  const auto blank = name.rfind(' ', name.find("operator"));
  if (blank != name.npos) name.erase(0, blank + 1);
  return name.substr(0, kernel::symbol_name_max);
}

struct Elf {
  std::uint64_t base = UINT64_MAX;  // address of the image's first byte
  std::vector<Elf64_Sym> symbols;
  std::vector<char> names;

  const char* name(const Elf64_Sym& symbol) const {
    return symbol.st_name < names.size() ? &names[symbol.st_name] : "";
  }
};

Elf read_elf(const std::filesystem::path& path) {
  const auto file = read_file(path);
  const auto where = path.string();
  const auto header = read_array<Elf64_Ehdr>(file, 0, 1, where).front();
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) {
    die(where, "is not a 64-bit ELF file");
  }
  Elf elf;
  for (const auto& segment : read_array<Elf64_Phdr>(file, header.e_phoff, header.e_phnum, where)) {
    if (segment.p_type == PT_LOAD) elf.base = std::min(elf.base, segment.p_vaddr);
  }
  const auto sections = read_array<Elf64_Shdr>(file, header.e_shoff, header.e_shnum, where);
  for (const auto& section : sections) {
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= sections.size()) continue;
    const auto& names = sections[section.sh_link];
    elf.names = read_array<char>(file, names.sh_offset, names.sh_size, where);
    elf.names.push_back('\0');
    elf.symbols = read_array<Elf64_Sym>(file, section.sh_offset, section.sh_size / sizeof(Elf64_Sym), where);
  }
  return elf;
}

}  // namespace

void write_symbols(const std::filesystem::path& path, const std::filesystem::path& assembly) {
  const auto elf = read_elf(path);
  std::map<std::uint64_t, std::string> functions;
  for (const auto& symbol : elf.symbols) {
    if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF) continue;
    if (symbol.st_value < elf.base || symbol.st_value - elf.base > UINT32_MAX) continue;
    const std::string candidate = short_name(elf.name(symbol));
    std::string& known = functions[symbol.st_value - elf.base];
    // Of aliases, the shortest, then the first in the alphabet: the same from every build.
    if (known.empty() || std::pair(candidate.size(), candidate) < std::pair(known.size(), known)) known = candidate;
  }

  std::ostringstream distances, names;
  std::uint64_t start = 0;
  std::string_view before;
  for (const auto& [offset, function] : functions) {
    const auto distance = offset - start;
    if (distance % kernel::symbol_unit != 0 || distance / kernel::symbol_unit > UINT16_MAX) {
      die(path.string(), "function " + function + " is misaligned or too far from the one before it");
    }
    distances << ".hword " << distance / kernel::symbol_unit << '\n';
    start = offset;
    const auto shared = static_cast<std::size_t>(std::ranges::mismatch(function, before).in1 - function.begin());
    names << ".byte " << shared << "\n.asciz \"" << function.substr(shared) << "\"\n";
    before = function;
  }
  std::ostringstream out;
  out << ".section .symbols, \"a\"\n.balign 4\n.global so3_symbol_table\nso3_symbol_table:\n.word " << functions.size()
      << '\n'
      << distances.str() << names.str();
  write_file(assembly, out.str());
}

bool defines_symbol(const std::filesystem::path& path, std::string_view wanted) {
  const auto elf = read_elf(path);
  return std::ranges::any_of(
      elf.symbols, [&](const Elf64_Sym& symbol) { return symbol.st_shndx != SHN_UNDEF && elf.name(symbol) == wanted; });
}

}  // namespace capsule_tool
