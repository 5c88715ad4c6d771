// SHA-256 as the .itb validator wants it.
#pragma once
#include "so3/image/itb.hpp"

namespace agency {

image::Digest sha256(image::Bytes data);

}  // namespace agency
