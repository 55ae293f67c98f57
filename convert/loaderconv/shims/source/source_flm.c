/*
 * Source: a Keil FLM. Its routines answer 0 for success, Verify answers address + size, and each phase stands between
 * Init(address, clock, phase) and UnInit(phase). 21 of 350 surveyed FLMs behave differently in another phase. It is
 * driven at the device's own addresses: address_delta is 0.
 */
#include "call.h"
#include "memory.h"
#include "source.h"

static u32 call(enum source_routine routine, u32 first, u32 second, u32 third)
{
    return call_source(first, second, third, 0, parameters->routine[routine]);
}

/* End the phase in force. It counts as ended even where UnInit fails, so that the next Init can start over. */
static u32 leave(void)
{
    u32 phase = parameters->phase;
    if (phase == PHASE_NONE) {
        return 0;
    }
    parameters->phase = PHASE_NONE;
    return call(ROUTINE_UnInit, phase, 0, 0);
}

u32 source_enter(enum phase phase)
{
    return parameters->phase != phase && source_start(phase);
}

u32 source_start(enum phase phase)
{
    if (leave()
        || call(ROUTINE_Init, parameters->init_address, parameters->clock_hz, phase)) {
        return 1;
    }
    parameters->phase = phase;
    return 0;
}

/* An FLM that maps its device does so in its phase for reading, in which it is left. */
u32 source_finish(void)
{
    return parameters->phase != PHASE_NONE && source_enter(PHASE_READ);
}

u32 source_erase_sector(u32 address, u32 size)
{
    (void)size;
    return call(ROUTINE_EraseSector, address, 0, 0);
}

u32 source_erase_device(void)
{
    if (!parameters->routine[ROUTINE_EraseChip]) {
        return SOURCE_CANNOT;
    }
    return source_enter(PHASE_ERASE) || call(ROUTINE_EraseChip, 0, 0, 0);
}

u32 source_program(u32 address, u32 size, const u8 *buffer)
{
    return call(ROUTINE_ProgramPage, address, size, (u32)buffer);
}

/* An FLM's Read is no standard: some answer 0, some address + size. */
u32 source_read(u32 address, u32 size, u8 *buffer)
{
    if (!parameters->routine[ROUTINE_Read]) {
        copy(buffer, (const u8 *)address, size);
        return 0;
    }
    u32 result = call(ROUTINE_Read, address, size, (u32)buffer);
    return result != 0 && result != address + size;
}

/*
 * Verify may compare words only: it then faults on ARMv6-M at an odd address, and nrf52xxx.flm ignores the bytes behind
 * the last word. At the top of the address space address + size is 0, which six surveyed FLMs answer for a mismatch.
 * Such ranges are compared by bytes where the device can be read.
 */
u32 source_can_verify(u32 address, u32 size)
{
    u32 is_plain = ((address | size | parameters->page_size) & 3) == 0 && address + size != 0;
    return parameters->routine[ROUTINE_Verify] && (is_plain || !(parameters->flags & SHIM_READABLE));
}

/* Only equality with address + size means equal: on a mismatch real FLMs answer four different things. */
u32 source_verify(u32 address, u32 size, const u8 *buffer)
{
    u32 result = call(ROUTINE_Verify, address, size, (u32)buffer);
    if (result == address + size) {
        return 0;
    }
    return result ? result : 1;
}
