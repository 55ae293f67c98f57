/* See call.h. ARMv6-M; 16 bytes of stack, 4 more where sp has to be rounded. */
    .syntax unified
    .cpu cortex-m0
    .thumb
    .text
    .balign 4
    .global call_source
    .hidden call_source
    .thumb_func
    .type call_source, %function
call_source:
    push    {r4, r5, r6, lr}
    mov     r4, r9
    mov     r5, sp
    ldr     r6, [sp, #16]           /* static_base, the fifth argument */
    cmp     r6, #0
    beq     1f
    mov     r9, r6
1:  mov     r6, sp
    lsrs    r6, r6, #3
    lsls    r6, r6, #3
    mov     sp, r6
    blx     r3
    mov     sp, r5
    mov     r9, r4
    pop     {r4, r5, r6, pc}
    .size call_source, . - call_source
