/*
 * Whole operations on the device, for every face over every source. All results: 0 is success.
 * A request that is not wholly inside the device fails before anything is touched.
 */
#ifndef LOADERCONV_FLASH_H
#define LOADERCONV_FLASH_H

#include "parameters.h"

/* Erase every sector from the one that holds `first` to the one that holds `last`. */
u32 flash_erase(struct shim_parameters *parameters, u32 first, u32 last);

u32 flash_erase_all(struct shim_parameters *parameters);

/* Program any bytes at any address from any buffer. */
u32 flash_program(struct shim_parameters *parameters, u32 address, u32 size, const u8 *buffer);

u32 flash_read(struct shim_parameters *parameters, u32 address, u32 size, u8 *buffer);

/* 0 where equal, else the failing address as far as it is known, and never 0. */
u32 flash_verify(struct shim_parameters *parameters, u32 address, u32 size, const u8 *buffer);

/* Add the device's bytes to *sum. */
u32 flash_checksum(struct shim_parameters *parameters, u32 address, u32 size, u32 *sum);

#endif
