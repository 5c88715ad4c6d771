// Makes malloc work, with the RAM that image and tables leave.
#pragma once
namespace kernel {
void start_heap();
}
