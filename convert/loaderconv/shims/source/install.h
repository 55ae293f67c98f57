/* Brings a source that runs at a fixed address to that address. */
#ifndef LOADERCONV_INSTALL_H
#define LOADERCONV_INSTALL_H

#include "parameters.h"

/*
 * Install the source, unless that is done already. Fails before anything is written where a range would meet the shim
 * itself or bytes that are yet to be copied, the stack in use, or the instruction to which the host's call returns.
 */
u32 install(u32 return_address);

/* Tell whether a buffer of the host lies where the source belongs; then the source is lost, and everything fails. */
u32 spoils_source(const void *buffer, u32 size);

#endif
