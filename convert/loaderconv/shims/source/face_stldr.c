/*
 * Face: an STM32CubeProgrammer external loader. 1 is success, 0 is failure; the host calls Init before every operation
 * and may then read the mapped device unannounced.
 */
#include "entry_point.h"
#include "flash.h"
#include "install.h"
#include "source.h"

WORK u32 Init_work(u32 first, u32 second, u32 third, u32 return_address)
{
    (void)first;
    (void)second;
    (void)third;
    return install(return_address) || source_start(PHASE_READ);
}

static void add_bytes(u32 *sum, const u8 *bytes, u32 size)
{
    for (; size; size--) {
        *sum += *bytes++;
    }
}

/* There is no value for failure; the one before `initial` comes from no range of less than 16 MiB. */
WORK u32 CheckSum_work(u32 address, u32 size, u32 initial)
{
    u32 sum = initial;
    return flash_fold(address, size, add_bytes, &sum) ? initial - 1 : sum;
}

/*
 * Low word: 0 where equal, else not 0. High word: sum of the bytes less those that the host added to align the range,
 * `misalignment` bits 3..0 at its head and bits 19..16 at its tail. A device that cannot be read is summed from the
 * buffer where both are equal.
 */
WORK u64 Verify_work(u32 address, const u8 *buffer, u32 words, u32 misalignment)
{
    u32 size = words << 2;
    u32 head = misalignment & 0xF;
    u32 added = head + (misalignment >> 16 & 0xF);
    u32 failing = size >> 2 == words ? flash_verify(address, size, buffer) : 1;
    u32 wanted = added < size ? size - added : 0;
    u32 sum = 0;
    if (parameters->flags & SHIM_READABLE) {
        failing |= flash_fold(address + head, wanted, add_bytes, &sum);
    } else if (!failing) {
        add_bytes(&sum, buffer + head, wanted);
    }
    return (u64)sum << 32 | failing;
}

KEEP(flash_program)
KEEP(flash_read)
KEEP(flash_erase)
KEEP(flash_erase_all)

CALLED_BY_HOST_AROUND(WITH_RETURN_ADDRESS, Init, Init_work, INVERTED)
CALLED_BY_HOST_AROUND("", Write, flash_program, INVERTED)
CALLED_BY_HOST_AROUND("", Read, flash_read, INVERTED)
CALLED_BY_HOST(CheckSum, CheckSum_work)
CALLED_BY_HOST(Verify, Verify_work)

/* `end` is inclusive and may lie anywhere in the last sector. */
CALLED_BY_HOST_AROUND("", SectorErase, flash_erase, INVERTED)

/* Newer hosts pass a parallelism that means nothing here. */
CALLED_BY_HOST_AROUND("", MassErase, flash_erase_all, INVERTED)
