// The device tree of an ME: the rules of /ME, as the build, the engine, the agency and the ME itself apply them.
#include <cstdlib>

#include "so3/image/me_tree.hpp"
#include "tests/fuzz/damage.hpp"
#include "tests/unit/image/itb_builder.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto good = image_test::me_tree();
  const auto tree = fuzz::damaged(good, {data, size});
  const auto me = image::parse_me_tree(tree);
  if (me) {
    if (me->spid == 0 || me->spadcaps_count == 0 || me->name.size() > image::name_max) std::abort();
    if (me->description.size() > image::description_max || me->domain_size % 4096 != 0) std::abort();
  } else {
    char text[256];
    if (image::message(me.error(), text).empty()) std::abort();
  }
  return 0;
}
