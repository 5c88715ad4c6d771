// The author's main thread.
#pragma once

namespace me {

// Begins app_thread_main, once: when the ME lives and its frontends are connected. One that went to rest before they ever
// were lives first, when it wakes. In the control thread, after whatever may have changed that.
void start_application_when_due();

}  // namespace me
