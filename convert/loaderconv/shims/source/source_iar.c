/*
 * Source: an IAR loader of framework 2, by the functions behind its stubs, which answer 0 for success. A session stands
 * between FlashInit and FlashSignoff, after which the device can be read: that is when C-SPY reads it.
 */
#include "call.h"
#include "flash.h"
#include "framework2.h"
#include "memory.h"
#include "source.h"

static u32 call(enum source_routine routine, u32 first, u32 second, u32 third, u32 fourth)
{
    return call_source(first, second, third, fourth, parameters->routine[routine]);
}

/* It counts as ended even where FlashSignoff fails, so that the next FlashInit can start over. */
static u32 end_session(void)
{
    if (!parameters->is_started || !parameters->routine[ROUTINE_FlashSignoff]) {
        return 0;
    }
    parameters->is_started = 0;
    return call(ROUTINE_FlashSignoff, 0, 0, 0, 0);
}

/*
 * Begin a session, after the end of the one before. What FlashInit says of its layout goes to the buffer, of which it
 * knows from theFlashParams.
 */
static enum framework2_result begin_session(u32 flags)
{
    if (parameters->is_started && (parameters->flags & SHIM_INIT_ONCE)) {
        return RESULT_OK;
    }
    if (end_session()) {
        return RESULT_ERROR;
    }
    ((struct flash_params *)parameters->source_block)->buffer = (u8 *)parameters + parameters->page_buffer;
    u32 result = call(ROUTINE_FlashInit, parameters->init_address, parameters->device_size, parameters->device_base, flags);
    if (result & parameters->refused_results) {
        return RESULT_ERROR;
    }
    result &= RESULT_CODE;
    parameters->is_started = result <= RESULT_ERASE_DONE && result != RESULT_ERROR;
    return parameters->is_started ? result : RESULT_ERROR;
}

u32 source_start(enum phase phase)
{
    parameters->phase = PHASE_NONE;
    if (begin_session(0) == RESULT_ERROR) {
        return 1;
    }
    return source_enter(phase);
}

u32 source_enter(enum phase phase)
{
    if (parameters->phase == phase) {
        return 0;
    }
    parameters->phase = PHASE_NONE;
    if ((!parameters->is_started && begin_session(0) == RESULT_ERROR) || (phase == PHASE_READ && end_session())) {
        return 1;
    }
    parameters->phase = phase;
    return 0;
}

u32 source_finish(void)
{
    return parameters->phase != PHASE_NONE && source_enter(PHASE_READ);
}

u32 source_erase_sector(u32 address, u32 size)
{
    return call(ROUTINE_FlashErase, address + parameters->address_delta, size, 0, 0);
}

/* Only FlashInit erases everything at once, and not every one does: then it answers as for any other session. */
u32 source_erase_device(void)
{
    if (!(parameters->flags & SHIM_MASS_ERASE)) {
        return SOURCE_CANNOT;
    }
    parameters->phase = PHASE_NONE;
    enum framework2_result result = begin_session(FLAG_MASS_ERASE);
    if (result == RESULT_ERROR) {
        return SOURCE_FAILED;
    }
    parameters->phase = PHASE_ERASE;
    return result == RESULT_ERASE_DONE ? SOURCE_DONE : SOURCE_CANNOT;
}

u32 source_program(u32 address, u32 size, const u8 *buffer)
{
    u32 sector = (u32)flash_sector(address);
    return call(ROUTINE_FlashWrite, sector + parameters->address_delta, address - sector, size, (u32)buffer);
}

u32 source_read(u32 address, u32 size, u8 *buffer)
{
    copy(buffer, (const u8 *)address, size);
    return 0;
}
