#include "so3/agency/sha256.hpp"

#include <bearssl.h>

namespace agency {

image::Digest sha256(image::Bytes data) {
  br_sha256_context context;
  br_sha256_init(&context);
  br_sha256_update(&context, data.data(), data.size());
  image::Digest digest;
  br_sha256_out(&context, digest.data());
  return digest;
}

}  // namespace agency
