/* Calls into the source's code, in the environment for which it was built. */
#ifndef LOADERCONV_CALL_H
#define LOADERCONV_CALL_H

#include "types.h"

/*
 * Call `routine` with up to three arguments. r9 holds `static_base` meanwhile unless that is 0, and sp is a multiple of
 * 8, which the host's sp need not be; both are restored.
 */
u32 call_source(u32 first, u32 second, u32 third, u32 routine, u32 static_base);

#endif
