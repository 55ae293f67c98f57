/*
 * Face: a loader of IAR's framework 2. C-SPY fills theFlashParams, starts a stub, waits for its arrival at FlashBreak and
 * finds the result in `count`. It sets sp, and nothing else that a function could rely on.
 */
#include "entry_point.h"
#include "flash.h"
#include "framework2.h"
#include "install.h"
#include "source.h"

enum {
    CRC_POLYNOMIAL = 0x1021,
    CRC_UNKNOWN = 0xFFFFFFFF,
};

_Static_assert(sizeof(((struct shim_parameters *)0)->host_block) == sizeof(struct flash_params), "theFlashParams");

ENTRY_POINT __attribute__((naked)) void FlashBreak(void)
{
    __asm__ volatile("b .");
}

/* Results of a source are whatever it likes; C-SPY knows a few of its own. */
static u32 result_of(u32 failed)
{
    return failed ? RESULT_ERROR : RESULT_OK;
}

/*
 * The functions that the framework's stubs call, which other tools may call as well. What C-SPY says of its image means
 * nothing to a source. It asks for a mass erase in place of erasing what it will write.
 */
WORK u32 FlashInit_work(u32 base, u32 image_size, u32 link_address, u32 flags)
{
    (void)base;
    (void)image_size;
    (void)link_address;
    if (install((u32)parameters) || source_start(PHASE_ERASE)) {
        return RESULT_ERROR;
    }
    if (flags & FLAG_MASS_ERASE) {
        return flash_erase_all() ? RESULT_ERROR : RESULT_ERASE_DONE;
    }
    return RESULT_OK;
}

WORK u32 FlashWrite_work(u32 block_start, u32 offset, u32 count, const u8 *buffer)
{
    return result_of(flash_program(block_start + offset, count, buffer));
}

WORK u32 FlashErase_work(u32 block_start, u32 size)
{
    return result_of(flash_erase(block_start, block_start + size - 1));
}

WORK u32 FlashSignoff_work(void)
{
    return result_of(source_finish());
}

/* CRC-16/XMODEM, bit by bit. */
static void add_to_crc(u32 *value, const u8 *bytes, u32 size)
{
    u32 crc = *value;
    for (; size; size--) {
        crc ^= (u32)*bytes++ << 8;
        for (u32 bit = 8; bit; bit--) {
            crc <<= 1;
            if (crc & 0x10000) {
                crc ^= 0x10000 | CRC_POLYNOMIAL;
            }
        }
    }
    *value = crc;
}

WORK u32 FlashChecksum_work(u32 begin, u32 count)
{
    u32 crc = 0;
    return flash_fold(begin, count, add_to_crc, &crc) ? CRC_UNKNOWN : crc;
}

CALLED_BY_HOST(FlashInit, FlashInit_work)
CALLED_BY_HOST(FlashWrite, FlashWrite_work)
CALLED_BY_HOST(FlashErase, FlashErase_work)
CALLED_BY_HOST(FlashChecksum, FlashChecksum_work)
CALLED_BY_HOST(FlashSignoff, FlashSignoff_work)

static u32 write_block(const struct flash_params *own)
{
    return FlashWrite_work(own->base, own->offset, own->count, own->buffer);
}

/* One block and what is to be written into it, or, with a block size of 0, a list of ranges to erase. */
static u32 erase_and_write(const struct flash_params *own)
{
    if (own->block_size) {
        return FlashErase_work(own->base, own->block_size) || write_block(own);
    }
    const struct erase_range *range = (const struct erase_range *)own->buffer;
    u32 result = RESULT_OK;
    for (u32 left = own->count; left && result == RESULT_OK; left--, range++) {
        result = FlashErase_work(range->start, range->size);
    }
    return result;
}

/* Each stub ends as the framework's own do. What a call came to takes the place of its argument `count`. */
#define STUB(name, work)                                                        \
    WORK void name##_work(void)                                                 \
    {                                                                           \
        struct flash_params *own = (struct flash_params *)parameters->host_block; \
        own->count = work;                                                      \
    }                                                                           \
    ENTRY_POINT __attribute__((naked)) void name(void)                          \
    {                                                                           \
        __asm__ volatile("bl load_table\n bl " #name "_work\n bl FlashBreak"); \
    }

STUB(FlashInitEntry, FlashInit_work(own->base, own->block_size, own->offset, own->count))
STUB(FlashWriteEntry, write_block(own))
STUB(FlashEraseWriteEntry, erase_and_write(own))
STUB(FlashChecksumEntry, FlashChecksum_work(own->base, own->count))
STUB(FlashSignoffEntry, FlashSignoff_work())
