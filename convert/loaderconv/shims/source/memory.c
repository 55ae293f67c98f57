#include "memory.h"

u32 smaller(u32 left, u32 right)
{
    return left < right ? left : right;
}

void copy(u8 *to, const u8 *from, u32 size)
{
    if ((((u32)to | (u32)from | size) & 3) == 0) {
        u32 *words_to = (u32 *)to;
        const volatile u32 *words_from = (const volatile u32 *)from;
        for (size >>= 2; size; size--) {
            *words_to++ = *words_from++;
        }
        return;
    }
    const volatile u8 *bytes_from = from;
    for (; size; size--) {
        *to++ = *bytes_from++;
    }
}

void fill(u8 *to, u8 value, u32 size)
{
    for (; size; size--) {
        *to++ = value;
    }
}

/* Long division, 1 to 32 steps. */
u32 modulo(u32 value, u32 divisor)
{
    u32 step = divisor;
    while (step <= value >> 1) {
        step <<= 1;
    }
    for (; step >= divisor; step >>= 1) {
        if (value >= step) {
            value -= step;
        }
    }
    return value;
}
