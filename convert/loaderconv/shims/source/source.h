/*
 * What every source offers to the code above it, whatever its flavour. All results: 0 is success, unless said otherwise.
 * Addresses are the host's; a source adds address_delta where its code sees them. Sizes are bytes.
 *
 * Each source's header gives its routines and, as constants of `enum source_traits`:
 *   SOURCE_IS_INSTALLED  its code runs at a fixed address and has to be brought there
 *   SOURCE_WANTS_BLANK   it may refuse a page that was programmed before, even with the erased value
 *   SOURCE_VERIFIES      it may have a routine that compares
 */
#ifndef LOADERCONV_SOURCE_H
#define LOADERCONV_SOURCE_H

#include "parameters.h"

#include SOURCE_HEADER

/* What the source must be ready for. The values are the function codes of an FLM's Init. */
enum phase {
    PHASE_NONE = 0,
    PHASE_ERASE = 1,
    PHASE_PROGRAM = 2,
    PHASE_READ = 3,
};

enum source_answer {
    SOURCE_DONE = 0,
    SOURCE_FAILED = 1,
    SOURCE_CANNOT = 2, /* nothing was done; there is another way */
};

/* Initialise the source anew, whatever was before, and make it ready for a phase. */
u32 source_start(enum phase phase);

/* Make the source ready for a phase; nothing is called where it already is. */
u32 source_enter(enum phase phase);

/* End whatever is in force, and leave the device readable: that is what hosts do last. */
u32 source_finish(void);

u32 source_erase_sector(u32 address, u32 size);

/* Make ready for it and erase the whole device: one of enum source_answer. */
u32 source_erase_device(void);

/* Program units, at most a page of them and all in one page, from a word-aligned buffer. */
u32 source_program(u32 address, u32 size, const u8 *buffer);

u32 source_read(u32 address, u32 size, u8 *buffer);

/* For a source that verifies: tell whether source_verify may be called for the pages of a range. */
u32 source_can_verify(u32 address, u32 size);

/* Likewise: 0 where the device holds the bytes of a word-aligned buffer, else the failing address or any other value. */
u32 source_verify(u32 address, u32 size, const u8 *buffer);

#endif
