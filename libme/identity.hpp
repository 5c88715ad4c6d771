// Who this ME is, from its device tree.
#pragma once
#include <span>
#include <string_view>

#include "so3/image/me_tree.hpp"

namespace me {

// Reads and checks the tree; ends the ME with a message that names property and limit when it is not as it must be.
// Once, before anything else here.
void read_identity();

const image::MeTree& identity();

// Tells avz what others may see: SPID, first capabilities, willingness.
void publish_identity();

}  // namespace me
