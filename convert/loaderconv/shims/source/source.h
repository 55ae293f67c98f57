/*
 * What every source offers to the code above it, whatever its flavour. All results: 0 is success.
 * Addresses are the device's own; sizes are bytes.
 */
#ifndef LOADERCONV_SOURCE_H
#define LOADERCONV_SOURCE_H

#include "parameters.h"

/* What the source must be ready for. The values are the function codes of an FLM's Init. */
enum phase {
    PHASE_NONE = 0,
    PHASE_ERASE = 1,
    PHASE_PROGRAM = 2,
    PHASE_READ = 3,
};

/* End the phase in force and make the source ready for reading. A failure to end it counts, but not twice. */
u32 source_init(struct shim_parameters *parameters);

/* Make the source ready for a phase; nothing is called where it already is. */
u32 source_enter(struct shim_parameters *parameters, enum phase phase);

u32 source_erase_sector(struct shim_parameters *parameters, u32 address);

/* Tell whether source_erase_device may be called. */
u32 source_can_erase_device(const struct shim_parameters *parameters);
u32 source_erase_device(struct shim_parameters *parameters);

/* Program one whole page from a word-aligned buffer. */
u32 source_program_page(struct shim_parameters *parameters, u32 address, u32 size, const u8 *buffer);

u32 source_read(struct shim_parameters *parameters, u32 address, u32 size, u8 *buffer);

/* Tell whether source_verify may be called for a range. */
u32 source_can_verify(const struct shim_parameters *parameters, u32 address, u32 size);

/* 0 where the device holds the bytes of a word-aligned buffer, else the failing address or any other value. */
u32 source_verify(struct shim_parameters *parameters, u32 address, u32 size, const u8 *buffer);

#endif
