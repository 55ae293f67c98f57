/* Fixed-width words without a C library. Every target is ARMv6-M or newer, little-endian. */
#ifndef LOADERCONV_TYPES_H
#define LOADERCONV_TYPES_H

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

_Static_assert(sizeof(u32) == 4 && sizeof(void *) == 4, "the parameter table holds addresses in words");

#endif
