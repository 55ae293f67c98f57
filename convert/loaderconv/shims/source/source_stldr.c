/*
 * Source: an external loader of STM32CubeProgrammer. 1 is success. Init prepares everything and leaves the device
 * readable; ST's middleware leaves that state in Write and SectorErase and does not return to it, so Init is called again
 * before anything is read. It is driven at the device's own addresses: address_delta is 0.
 *
 * Its Verify and CheckSum are not used: what they answer differs from author to author (docs/formats/stldr.md, Entry
 * points).
 */
#include "call.h"
#include "memory.h"
#include "source.h"

/* After a failure nothing is known of the source's state: its own host would call Init before the next operation. */
static u32 fails(enum source_routine routine, u32 first, u32 second, u32 third)
{
    u32 failed = call_source(first, second, third, 0, parameters->routine[routine]) != 1;
    if (failed) {
        parameters->phase = PHASE_NONE;
    }
    return failed;
}

u32 source_start(enum phase phase)
{
    parameters->phase = PHASE_NONE;
    return source_enter(phase);
}

u32 source_enter(enum phase phase)
{
    u32 is_ready = parameters->phase != PHASE_NONE && (parameters->phase == phase || phase != PHASE_READ);
    if (!is_ready && fails(ROUTINE_Init, 0, 0, 0)) {
        return 1;
    }
    parameters->phase = phase;
    return 0;
}

u32 source_finish(void)
{
    return parameters->phase != PHASE_NONE && source_enter(PHASE_READ);
}

/* An end inside the sector: its first byte is the one end that no loader takes for the next sector. */
u32 source_erase_sector(u32 address, u32 size)
{
    (void)size;
    return fails(ROUTINE_SectorErase, address, address, 0);
}

/* Newer loaders take a parallelism, for which hosts pass 0. */
u32 source_erase_device(void)
{
    if (!parameters->routine[ROUTINE_MassErase]) {
        return SOURCE_CANNOT;
    }
    return source_enter(PHASE_ERASE) || fails(ROUTINE_MassErase, 0, 0, 0);
}

u32 source_program(u32 address, u32 size, const u8 *buffer)
{
    return fails(ROUTINE_Write, address, size, (u32)buffer);
}

u32 source_read(u32 address, u32 size, u8 *buffer)
{
    if (parameters->routine[ROUTINE_Read]) {
        return fails(ROUTINE_Read, address, size, (u32)buffer);
    }
    copy(buffer, (const u8 *)address, size);
    return 0;
}
