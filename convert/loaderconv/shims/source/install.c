#include "install.h"

#include "memory.h"
#include "source.h"

enum {
    STACK_BELOW = 160, /* sp: what the shim will use */
    STACK_ABOVE = 64,  /* sp: what it uses already */
    CACHE_LINE_SIZE = 32,
    CACHES_DATA = 1 << 16,
    CACHES_INSTRUCTIONS = 1 << 17,
};

/* System control registers of ARMv7-M and later; ARMv6-M has the first one, which then shows no cache. */
#define CONFIGURATION_CONTROL (*(volatile u32 *)0xE000ED14)
#define INVALIDATE_INSTRUCTIONS (*(volatile u32 *)0xE000EF50)
#define CLEAN_DATA_LINE (*(volatile u32 *)0xE000EF64)

static const struct install_range *first_range(void)
{
    return (const struct install_range *)((const u8 *)parameters + parameters->install_list);
}

/* No range wraps around or ends with the address space, so that the difference of two starts tells. */
static u32 meets_source(u32 start, u32 size)
{
    const struct install_range *range = first_range();
    for (u32 left = parameters->install_count; left; left--, range++) {
        if (start - range->to < range->copy_size + range->zero_size || range->to - start < size) {
            return 1;
        }
    }
    return 0;
}

/* Make copied code visible to the fetch of instructions where caches are on. */
static void publish(const struct install_range *range)
{
    if (CONFIGURATION_CONTROL & CACHES_DATA) {
        u32 end = range->to + range->copy_size;
        for (u32 line = range->to & -(u32)CACHE_LINE_SIZE; line < end; line += CACHE_LINE_SIZE) {
            CLEAN_DATA_LINE = line;
        }
    }
    __asm__ volatile("dsb" ::: "memory");
    if (CONFIGURATION_CONTROL & CACHES_INSTRUCTIONS) {
        INVALIDATE_INSTRUCTIONS = 0;
    }
    __asm__ volatile("dsb\n isb" ::: "memory");
}

u32 spoils_source(const void *buffer, u32 size)
{
    if (!meets_source((u32)buffer, size)) {
        return 0;
    }
    /* The host has filled its buffer already. Nothing may run there, or be copied from there, until the next download. */
    parameters->is_installed = 0;
    parameters->phase = PHASE_NONE;
    parameters->own_size = 0xFFFFFFFF;
    return 1;
}

u32 install(u32 return_address)
{
    /* From lower to higher addresses: a range that lies above its bytes and overlaps them would meet what is guarded. */
    if (SOURCE_IS_INSTALLED && !parameters->is_installed) {
        u32 sp;
        __asm__("mov %0, sp" : "=l"(sp));
        if (meets_source((u32)parameters + parameters->own_start, parameters->own_size)
            || meets_source(sp - STACK_BELOW, STACK_BELOW + STACK_ABOVE) || meets_source(return_address & ~1u, 4)) {
            return 1;
        }
        const struct install_range *range = first_range();
        for (u32 left = parameters->install_count; left; left--, range++) {
            u8 *to = (u8 *)range->to;
            copy(to, (const u8 *)parameters + range->from, range->copy_size);
            fill(to + range->copy_size, 0, range->zero_size);
            publish(range);
        }
    }
    parameters->is_installed = 1;
    return 0;
}
