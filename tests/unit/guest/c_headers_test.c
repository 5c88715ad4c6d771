/* Every public C header compiles as C. */
#include <me/me.h>
#include <me/xml.h>
#include <so3/vbstore.h>
#include <vlogs/vlogs.h>

int c_headers_compile(void) { return ME_state_living + VLOGS_INFO + (VBT_NIL.batch != 0); }
