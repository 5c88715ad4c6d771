// libstdc++ without threads of its own: so3 has the threads.
#include <bits/gthr-single.h>
