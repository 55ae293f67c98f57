/* What C-SPY and a loader of IAR's framework 2 agree on (docs/formats/iar.md, Parameter block, Constants). */
#ifndef LOADERCONV_FRAMEWORK2_H
#define LOADERCONV_FRAMEWORK2_H

#include "types.h"

/* theFlashParams. */
struct flash_params {
    u32 base;
    u32 count; /* in: flags, bytes or entries; out: the result */
    u32 offset;
    u8 *buffer;
    u32 block_size;
};

/* One entry of the list form of an erase. */
struct erase_range {
    u32 start;
    u32 size;
};

enum framework2_result {
    RESULT_OK = 0,
    RESULT_ERROR = 1,
    RESULT_OVERRIDE_DEVICE = 2,
    RESULT_ERASE_DONE = 3,
    RESULT_CODE = 0xFFFF, /* mask; above it FlashInit tells what of the .flash file it overrides */
};

enum framework2_flags {
    FLAG_MASS_ERASE = 2,
};

#endif
