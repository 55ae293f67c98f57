/*
 * Whole operations on the device, for every face over every source. All results: 0 is success.
 * A request that is not wholly inside the device, or comes before the face's initialisation, fails before anything is
 * touched.
 */
#ifndef LOADERCONV_FLASH_H
#define LOADERCONV_FLASH_H

#include "parameters.h"

/* Two words, which come back in registers as a u64 does. */
union sector {
    struct {
        u32 start;
        u32 size;
    };
    u64 words;
};

/* The sector that holds an address of the device. */
u64 flash_sector(u32 address);

/* Erase every sector from the one that holds `first` to the one that holds `last`. */
u32 flash_erase(u32 first, u32 last);

u32 flash_erase_all(void);

/* Program any bytes at any address from any buffer. */
u32 flash_program(u32 address, u32 size, const u8 *buffer);

u32 flash_read(u32 address, u32 size, u8 *buffer);

/* 0 where equal, else the failing address as far as it is known, and never 0. */
u32 flash_verify(u32 address, u32 size, const u8 *buffer);

/* Takes a piece of the device's bytes into a running value. */
typedef void (*fold)(u32 *value, const u8 *bytes, u32 size);

/* Take the device's bytes into *value, piece by piece. */
u32 flash_fold(u32 address, u32 size, fold step, u32 *value);

#endif
