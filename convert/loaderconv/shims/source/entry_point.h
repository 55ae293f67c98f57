/* What a host calls, and how the shim's own functions come by the address of the table. */
#ifndef LOADERCONV_ENTRY_POINT_H
#define LOADERCONV_ENTRY_POINT_H

#include "types.h"

#define ENTRY_POINT __attribute__((used, externally_visible))

/* Keep a function that only assembly calls: one of this file, or one that is declared elsewhere. */
#define WORK __attribute__((used, noinline)) static
#define KEEP(function) extern __typeof__(function) function __attribute__((used));

/* Define `name` for the host: instructions before and after a call of `work` with the host's arguments. */
#define CALLED_BY_HOST_AROUND(before, name, work, after)                                     \
    ENTRY_POINT __attribute__((naked)) void name(void)                                       \
    {                                                                                        \
        __asm__ volatile("push {r7, lr}\n" before "bl load_table\n bl " #work "\n" after "pop {r7, pc}"); \
    }

#define CALLED_BY_HOST(name, work) CALLED_BY_HOST_AROUND("", name, work, "")

/* The work's fourth argument is where the host's call returns to. */
#define WITH_RETURN_ADDRESS "mov r3, lr\n"

/* 0 becomes 1, anything else 0. */
#define INVERTED "neg r1, r0\n adc r0, r1\n"

#endif
