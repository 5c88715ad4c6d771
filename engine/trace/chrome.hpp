// A time line in the format of chrome://tracing, which ui.perfetto.dev opens ("Trace Event Format").
#pragma once
#include <iosfwd>

#include "engine/trace/timeline.hpp"

namespace engine::trace {

// One JSON object. A process is a smart object; its threads are its CPUs, its MEs, their hypercalls and their threads.
void write_chrome(std::ostream& out, const Timeline& timeline);

}  // namespace engine::trace
