// The page this domain shares with avz.
#pragma once
#include "so3/abi/shared_page.hpp"

namespace kernel {

#ifdef __linux__
extern abi::SharedPage host_shared_page;
inline abi::SharedPage& shared() { return host_shared_page; }
#else
inline abi::SharedPage& shared() { return *reinterpret_cast<abi::SharedPage*>(abi::shared_page_ipa); }
#endif

// The page with avz's side in mind: what it holds may change at any instruction.
template <typename T>
inline T read_shared(const T& field) {
  return *const_cast<const volatile T*>(&field);
}

}  // namespace kernel
