// Run time of -fsanitize=undefined (SO3_UBSAN): the first undefined operation ends the domain, named with its place.
#include <cstdint>

#include "so3/kernel/include/so3/panic.h"

namespace {

// All data that the compiler passes begin with this.
struct Place {
  const char* file;
  std::uint32_t line, column;
};

[[noreturn]] void report(const char* what, const Place& at) {
  panic("undefined behaviour: %s in %s:%u:%u", what, at.file, at.line, at.column);
}

}  // namespace

#define HANDLER(name, what) \
  extern "C" [[noreturn]] void __ubsan_handle_##name##_abort(const Place& at) { report(what, at); }

HANDLER(add_overflow, "a signed addition overflows")
HANDLER(sub_overflow, "a signed subtraction overflows")
HANDLER(mul_overflow, "a signed multiplication overflows")
HANDLER(negate_overflow, "a negation overflows")
HANDLER(divrem_overflow, "a division by zero, or one that overflows")
HANDLER(shift_out_of_bounds, "a shift by too much, or of a negative value")
HANDLER(out_of_bounds, "an index outside its array")
HANDLER(type_mismatch_v1, "a null or misaligned pointer is used")
HANDLER(pointer_overflow, "pointer arithmetic wraps around")
HANDLER(load_invalid_value, "a bool or enum has a value that it cannot have")
HANDLER(vla_bound_not_positive, "an array with a size that is not positive")
HANDLER(nonnull_arg, "a null pointer is passed where there must be none")
HANDLER(float_cast_overflow, "a floating-point value does not fit its integer type")
HANDLER(invalid_builtin, "a builtin is called with zero")

// These have no plain form: they never go on.
extern "C" [[noreturn]] void __ubsan_handle_builtin_unreachable(const Place& at) {
  report("unreachable code is reached", at);
}
extern "C" [[noreturn]] void __ubsan_handle_missing_return(const Place& at) {
  report("a function ends without a value", at);
}
extern "C" [[noreturn]] void __ubsan_handle_nonnull_return_v1_abort(const void*, const Place& at) {
  report("a null pointer is returned where there must be none", at);
}
