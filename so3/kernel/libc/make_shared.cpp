#include <memory>

// Is a type the mark of make_shared, asked by its name? Nothing here has names of types (-fno-rtti). libstdc++'s own is in
// one object with mutexes that throw, and brings the unwinder, which wants a C library with an operating system.
bool std::_Sp_make_shared_tag::_S_eq(const type_info&) noexcept { return false; }
