/* Offsets in struct shim_parameters for assembly; parameters.h asserts that they are right. */
#ifndef LOADERCONV_OFFSETS_H
#define LOADERCONV_OFFSETS_H

#define STATIC_BASE 36
#define STACK_TOP 40
#define ARGUMENT_COUNT 44
#define ARGUMENT_VECTOR 48

#endif
