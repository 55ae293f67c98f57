/*
 * The parameter table: what a conversion knows of its source, behind the code of every shim.
 *
 * This is the only place that declares it. The build reads the offsets from the debug information of these very structs
 * and keeps them beside the blob, so the converter writes fields by name. Two lists of any length follow the table: the
 * sector runs, and the ranges to install.
 */
#ifndef LOADERCONV_PARAMETERS_H
#define LOADERCONV_PARAMETERS_H

#include "offsets.h"
#include "types.h"

enum shim_flags {
    SHIM_READABLE = 1,   /* the device can be read after source_enter(PHASE_READ) */
    SHIM_INIT_ONCE = 2,  /* FlashInit of an IAR source must not be called again; there is no FlashSignoff then */
    SHIM_REPROGRAMS = 4, /* each page is a sector and can be read: a part of it can be added later */
    SHIM_MASS_ERASE = 8, /* FlashInit of an IAR source may be asked to erase everything that it serves */
};

/* Sectors of one size; offsets count from the device's base. */
struct sector_run {
    u32 offset;
    u32 sector_size;
    u32 end_offset;
};

/* A part of the source's memory, to be put at its link address before its code runs. */
struct install_range {
    u32 from; /* offset of the bytes from the table, modulo 2^32 */
    u32 to;
    u32 copy_size;
    u32 zero_size; /* zeros behind the copied bytes */
};

struct shim_parameters {
    u32 flags;
    u32 device_base; /* as the host addresses the device */
    u32 device_size;
    u32 address_delta; /* added to the host's addresses, modulo 2^32, it gives those that the source sees */
    u32 page_size;     /* most that one call of the source programs; not always a power of two */
    u32 program_unit;  /* what a call programs is a multiple of this; it divides the page */
    u32 erased_value;  /* one byte */
    u32 init_address;  /* passed to the source's initialisation */
    u32 clock_hz;      /* likewise, to an FLM's */
    u32 static_base;     /* r9 while the source runs; 0: leave r9 alone */
    u32 stack_top;       /* sp while the source runs; 0: the stack of the host */
    u32 argument_count;  /* fifth argument of the source's routines: only an IAR loader's FlashInit knows of it */
    u32 argument_vector; /* sixth */
    u32 source_block; /* theFlashParams of an IAR source; others have none */
    u32 refused_results; /* bits that what its FlashInit answers may not have */
    u32 page_buffer;  /* offset of at least one page, word-aligned, from this table */
    u32 own_start;    /* offset from this table, modulo 2^32: from there on nothing may be installed, */
    u32 own_size;     /* because the shim is there, or bytes that are yet to be copied */
    u32 install_list; /* offset of the ranges to install from this table */
    u32 install_count;
    u32 routine[8];   /* the source's routines with the Thumb bit; 0: absent */
    u32 is_installed; /* state: the source is in its place */
    u32 is_started;   /* state: an IAR source is between FlashInit and FlashSignoff */
    u32 phase;        /* state: what the source is ready for */
    u32 partial_page; /* state: 1 + offset of the page that was programmed in part last; 0: none */
    u32 host_block[5]; /* theFlashParams of an IAR face; others do not use it */
    struct sector_run run[]; /* in order, without gaps, from offset 0 to device_size */
};

_Static_assert(sizeof(struct sector_run) == 4 * 3, "no padding inside a run");
_Static_assert(sizeof(struct install_range) == 4 * 4, "no padding inside a range");
_Static_assert(sizeof(struct shim_parameters) == 4 * 37, "no padding inside the table");
_Static_assert(__builtin_offsetof(struct shim_parameters, static_base) == STATIC_BASE, "as call.S has it");
_Static_assert(__builtin_offsetof(struct shim_parameters, stack_top) == STACK_TOP, "as call.S has it");
_Static_assert(__builtin_offsetof(struct shim_parameters, argument_count) == ARGUMENT_COUNT, "as call.S has it");
_Static_assert(__builtin_offsetof(struct shim_parameters, argument_vector) == ARGUMENT_VECTOR, "as call.S has it");

/*
 * The table's address, as long as the shim runs. A register of its own costs less than an argument to every function:
 * ARMv6-M has few short ways to an address. Every entry point loads it (entry_point.h), and the source's code keeps it
 * as any register that belongs to its caller.
 */
register struct shim_parameters *parameters __asm__("r7");

#endif
