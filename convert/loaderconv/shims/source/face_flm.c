/*
 * Face: a Keil flash algorithm. 0 is success; Verify answers address + size. Every host brackets what it does with
 * Init(address, clock, phase) and UnInit(phase), and reads the device directly afterwards.
 */
#include "entry_point.h"
#include "flash.h"
#include "install.h"
#include "source.h"

/* Hosts pass no other phase than the three; 0 would mean that there is none. */
WORK u32 Init_work(u32 address, u32 clock_hz, u32 phase, u32 return_address)
{
    (void)address;
    (void)clock_hz;
    return install(return_address) || source_start(phase - 1 < PHASE_PROGRAM ? phase : PHASE_READ);
}

WORK u32 EraseSector_work(u32 address)
{
    return flash_erase(address, address);
}

/* The host chose its buffer without knowing where the source had to be installed. */
WORK u32 ProgramPage_work(u32 address, u32 size, const u8 *buffer)
{
    return spoils_source(buffer, size) || flash_program(address, size, buffer);
}

/* Any other value than address + size where the bytes differ; what differs last may be behind address 0. */
WORK u32 Verify_work(u32 address, u32 size, const u8 *buffer)
{
    u32 failing = spoils_source(buffer, size) ? ~address : flash_verify(address, size, buffer);
    u32 equal = address + size;
    if (!failing) {
        return equal;
    }
    return failing == equal ? ~equal : failing;
}

/* The wanted byte in bits 7..0; above them, whether any other was seen. */
static void note_other_bytes(u32 *value, const u8 *bytes, u32 size)
{
    for (; size; size--) {
        if (*bytes++ != (u8)*value) {
            *value |= 0x100;
        }
    }
}

WORK u32 BlankCheck_work(u32 address, u32 size, u32 pattern)
{
    u32 value = (u8)pattern;
    return flash_fold(address, size, note_other_bytes, &value) || value >> 8;
}

KEEP(source_finish)
KEEP(flash_erase_all)

CALLED_BY_HOST_AROUND(WITH_RETURN_ADDRESS, Init, Init_work, "")
CALLED_BY_HOST(UnInit, source_finish)
CALLED_BY_HOST(EraseSector, EraseSector_work)
CALLED_BY_HOST(EraseChip, flash_erase_all)
CALLED_BY_HOST(ProgramPage, ProgramPage_work)
CALLED_BY_HOST(Verify, Verify_work)
CALLED_BY_HOST(BlankCheck, BlankCheck_work)
