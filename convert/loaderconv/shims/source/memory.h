/* Bytes in memory, without a C library. */
#ifndef LOADERCONV_MEMORY_H
#define LOADERCONV_MEMORY_H

#include "types.h"

u32 smaller(u32 left, u32 right);

/* Copy from lower to higher addresses; by words where everything is aligned. */
void copy(u8 *to, const u8 *from, u32 size);

void fill(u8 *to, u8 value, u32 size);

/* value modulo divisor, which is not 0; ARMv6-M has no division and the shim no libgcc. */
u32 modulo(u32 value, u32 divisor);

#endif
