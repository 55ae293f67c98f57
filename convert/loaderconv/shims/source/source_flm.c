/*
 * Source: a Keil FLM. Its routines answer 0 for success, Verify answers address + size, and each phase stands between
 * Init(address, clock, phase) and UnInit(phase). 21 of 350 surveyed FLMs behave differently in another phase.
 */
#include "source_flm.h"

#include "call.h"
#include "memory.h"
#include "source.h"

static u32 call(struct shim_parameters *parameters, enum source_routine routine, u32 first, u32 second, u32 third)
{
    return call_source(first, second, third, parameters->routine[routine], parameters->static_base);
}

/* End the phase in force. It counts as ended even where UnInit fails, so that the next Init can start over. */
static u32 leave(struct shim_parameters *parameters)
{
    u32 phase = parameters->phase;
    if (phase == PHASE_NONE) {
        return 0;
    }
    parameters->phase = PHASE_NONE;
    return call(parameters, ROUTINE_UnInit, phase, 0, 0);
}

u32 source_enter(struct shim_parameters *parameters, enum phase phase)
{
    if (parameters->phase == phase) {
        return 0;
    }
    if (leave(parameters) || call(parameters, ROUTINE_Init, parameters->device_base, parameters->clock_hz, phase)) {
        return 1;
    }
    parameters->phase = phase;
    return 0;
}

u32 source_init(struct shim_parameters *parameters)
{
    return leave(parameters) || source_enter(parameters, PHASE_READ);
}

u32 source_erase_sector(struct shim_parameters *parameters, u32 address)
{
    return call(parameters, ROUTINE_EraseSector, address, 0, 0);
}

u32 source_can_erase_device(const struct shim_parameters *parameters)
{
    return parameters->routine[ROUTINE_EraseChip];
}

u32 source_erase_device(struct shim_parameters *parameters)
{
    return call(parameters, ROUTINE_EraseChip, 0, 0, 0);
}

u32 source_program_page(struct shim_parameters *parameters, u32 address, u32 size, const u8 *buffer)
{
    return call(parameters, ROUTINE_ProgramPage, address, size, (u32)buffer);
}

/* An FLM's Read is no standard: some answer 0, some address + size. */
u32 source_read(struct shim_parameters *parameters, u32 address, u32 size, u8 *buffer)
{
    if (!parameters->routine[ROUTINE_Read]) {
        copy(buffer, (const u8 *)address, size);
        return 0;
    }
    u32 result = call(parameters, ROUTINE_Read, address, size, (u32)buffer);
    return result != 0 && result != address + size;
}

/*
 * Verify may compare words only: it then faults on ARMv6-M at an odd address, and nrf52xxx.flm ignores the bytes behind
 * the last word. At the top of the address space address + size is 0, which six surveyed FLMs answer for a mismatch.
 * Such ranges are compared by bytes where the device can be read.
 */
u32 source_can_verify(const struct shim_parameters *parameters, u32 address, u32 size)
{
    u32 is_plain = ((address | size) & 3) == 0 && address + size != 0;
    return parameters->routine[ROUTINE_Verify] && (is_plain || !(parameters->flags & SHIM_READABLE));
}

/* Only equality with address + size means equal: on a mismatch real FLMs answer four different things. */
u32 source_verify(struct shim_parameters *parameters, u32 address, u32 size, const u8 *buffer)
{
    u32 result = call(parameters, ROUTINE_Verify, address, size, (u32)buffer);
    if (result == address + size) {
        return 0;
    }
    return result ? result : 1;
}
