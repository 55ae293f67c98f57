/*
 * The parameter table: what a conversion knows of its source, behind the code of every shim.
 *
 * This is the only place that declares it. The build reads the offsets from the debug information of this very struct
 * and keeps them beside the blob, so the converter writes fields by name.
 */
#ifndef LOADERCONV_PARAMETERS_H
#define LOADERCONV_PARAMETERS_H

#include "types.h"

enum shim_flags {
    SHIM_READABLE = 1, /* the device can be read after source_enter(PHASE_READ) */
};

/* Sectors of one size; offsets count from the device's base. */
struct sector_run {
    u32 offset;
    u32 sector_size;
    u32 end_offset;
};

struct shim_parameters {
    u32 flags;
    u32 device_base;
    u32 device_size;
    u32 page_size;    /* not always a power of two */
    u32 erased_value; /* one byte */
    u32 clock_hz;     /* passed to the source's initialisation */
    u32 static_base;  /* r9 while the source runs; 0: leave r9 alone */
    u32 page_buffer;  /* offset of one page, word-aligned, from this table */
    u32 routine[8];   /* the source's routines with the Thumb bit; 0: absent */
    u32 phase;        /* state: what the source is initialised for */
    u32 partial_page; /* state: 1 + offset of the page that was programmed in part last; 0: none */
    struct sector_run run[]; /* in order, without gaps, from offset 0 to device_size */
};

_Static_assert(sizeof(struct sector_run) == 12, "no padding inside a run");
_Static_assert(sizeof(struct shim_parameters) == 4 * 18, "no padding inside the table");

/* The linker script puts the table right behind the code; hidden, so that it is reached relative to pc. */
extern struct shim_parameters shim_parameters __attribute__((visibility("hidden")));

#endif
