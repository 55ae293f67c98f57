/*
 * Face: an STM32CubeProgrammer external loader. 1 is success, 0 is failure; the host calls Init before every operation
 * and may then read the mapped device unannounced.
 */
#include "flash.h"
#include "memory.h"
#include "source.h"

#define ENTRY_POINT __attribute__((used, externally_visible))

ENTRY_POINT int Init(void)
{
    return !source_init(&shim_parameters);
}

ENTRY_POINT int Write(u32 address, u32 size, const u8 *buffer)
{
    return !flash_program(&shim_parameters, address, size, buffer);
}

ENTRY_POINT int Read(u32 address, u32 size, u8 *buffer)
{
    return !flash_read(&shim_parameters, address, size, buffer);
}

/* `end` is inclusive and may lie anywhere in the last sector. */
ENTRY_POINT int SectorErase(u32 start, u32 end)
{
    return !flash_erase(&shim_parameters, start, end);
}

/* Newer hosts pass a parallelism that means nothing here. */
ENTRY_POINT int MassErase(void)
{
    return !flash_erase_all(&shim_parameters);
}

/* There is no value for failure; the one before `initial` comes from no range of less than 16 MiB. */
ENTRY_POINT u32 CheckSum(u32 address, u32 size, u32 initial)
{
    u32 sum = initial;
    return flash_checksum(&shim_parameters, address, size, &sum) ? initial - 1 : sum;
}

/*
 * Low word: 0 where equal, else not 0. High word: sum of the bytes less those that the host added to align the range,
 * `misalignment` bits 3..0 at its head and bits 19..16 at its tail. A device that cannot be read is summed from the
 * buffer where both are equal.
 */
ENTRY_POINT u64 Verify(u32 address, const u8 *buffer, u32 words, u32 misalignment)
{
    struct shim_parameters *parameters = &shim_parameters;
    u32 size = words << 2;
    u32 head = misalignment & 0xF;
    u32 added = head + (misalignment >> 16 & 0xF);
    u32 failing = size >> 2 == words ? flash_verify(parameters, address, size, buffer) : 1;
    u32 wanted = added < size ? size - added : 0;
    u32 sum = 0;
    if (parameters->flags & SHIM_READABLE) {
        flash_checksum(parameters, address + head, wanted, &sum);
    } else if (!failing) {
        sum = add_bytes(0, buffer + head, wanted);
    }
    return (u64)sum << 32 | failing;
}
