/* Calls into the source's code, in the environment for which it was built. */
#ifndef LOADERCONV_CALL_H
#define LOADERCONV_CALL_H

#include "parameters.h"

/*
 * Call `routine` with four arguments in registers and the environment's two on the stack. r9 and sp are the
 * environment's meanwhile where it has any; sp is a multiple of 8, which the host's need not be. Both are restored.
 */
u32 call_source(u32 first, u32 second, u32 third, u32 fourth, u32 routine);

#endif
