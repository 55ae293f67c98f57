/* ARMv6-M. See call.h and entry_point.h; a call takes 20 bytes of the host's stack, up to 12 more where it has no other. */
#include "offsets.h"

    .syntax unified
    .cpu cortex-m0
    .thumb
    .text

    .macro function name
    .global \name
    .hidden \name
    .thumb_func
    .type \name, %function
\name:
    .endm

    .balign 4
    function call_source
    push    {r4, r5, r6, lr}
    mov     r4, r9
    mov     r5, sp
    ldr     r6, [sp, #16]           /* routine, the fifth argument */
    mov     r12, r6
    ldr     r6, [r7, #STATIC_BASE]
    cmp     r6, #0
    beq     1f
    mov     r9, r6
1:  ldr     r6, [r7, #STACK_TOP]
    cmp     r6, #0
    bne     2f
    mov     r6, sp
2:  lsrs    r6, r6, #3
    lsls    r6, r6, #3
    mov     sp, r6
    ldr     r6, [r7, #ARGUMENT_VECTOR]
    push    {r6}
    ldr     r6, [r7, #ARGUMENT_COUNT]
    push    {r6}
    blx     r12
    mov     sp, r5
    mov     r9, r4
    pop     {r4, r5, r6, pc}
    .size call_source, . - call_source

    function load_table
    ldr     r7, 2f
1:  add     r7, pc
    bx      lr
    .balign 4
2:  .word   shim_parameters - (1b + 4)
    .size load_table, . - load_table
