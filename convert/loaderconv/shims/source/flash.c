#include "flash.h"

#include "memory.h"
#include "source.h"

static u32 is_outside(const struct shim_parameters *parameters, u32 address, u32 size)
{
    u32 offset = address - parameters->device_base;
    return offset > parameters->device_size || size > parameters->device_size - offset;
}

static u32 smaller(u32 left, u32 right)
{
    return left < right ? left : right;
}

static u8 *page_buffer(struct shim_parameters *parameters)
{
    return (u8 *)parameters + parameters->page_buffer;
}

/* The run of the sector that holds an offset inside the device. */
static const struct sector_run *run_of(const struct shim_parameters *parameters, u32 offset)
{
    const struct sector_run *run = parameters->run;
    while (offset >= run->end_offset) {
        run++;
    }
    return run;
}

u32 flash_erase(struct shim_parameters *parameters, u32 first, u32 last)
{
    u32 offset = first - parameters->device_base;
    u32 last_offset = last - parameters->device_base;
    if (last_offset < offset || last_offset >= parameters->device_size || source_enter(parameters, PHASE_ERASE)) {
        return 1;
    }
    parameters->partial_page = 0;
    const struct sector_run *run = run_of(parameters, offset);
    offset -= modulo(offset - run->offset, run->sector_size);
    while (offset <= last_offset) {
        if (source_erase_sector(parameters, parameters->device_base + offset)) {
            return 1;
        }
        offset += run->sector_size;
        if (offset == run->end_offset) {
            run++;
        }
    }
    return 0;
}

u32 flash_erase_all(struct shim_parameters *parameters)
{
    if (source_can_erase_device(parameters)) {
        parameters->partial_page = 0;
        return source_enter(parameters, PHASE_ERASE) || source_erase_device(parameters);
    }
    return flash_erase(parameters, parameters->device_base, parameters->device_base + parameters->device_size - 1);
}

/* Whether a page starts a sector and ends with it. */
static u32 is_sector(const struct shim_parameters *parameters, u32 page_offset)
{
    const struct sector_run *run = run_of(parameters, page_offset);
    return run->sector_size == parameters->page_size && !modulo(page_offset - run->offset, run->sector_size);
}

/*
 * Program one more part of the page of which a part was programmed last. Many sources take blank pages only (nRF51, nRF52,
 * flash with ECC): where the page is a sector and can be read, keep it, erase, and program all of it. It was programmed
 * as a whole, so reading it is safe even where reading blank flash is not. What is not blank is never
 * replaced by something else.
 */
static u32 reprogram_page(struct shim_parameters *parameters, u32 page_offset, u32 lead, u32 piece, const u8 *buffer)
{
    u32 address = parameters->device_base + page_offset;
    u32 page_size = parameters->page_size;
    u8 *own = page_buffer(parameters);
    if (source_enter(parameters, PHASE_READ) || source_read(parameters, address, page_size, own)) {
        return 1;
    }
    for (u32 index = lead; index < lead + piece; index++) {
        if (own[index] != parameters->erased_value && own[index] != buffer[index - lead]) {
            return 1;
        }
    }
    copy(own + lead, buffer, piece);
    return source_enter(parameters, PHASE_ERASE) || source_erase_sector(parameters, address)
           || source_enter(parameters, PHASE_PROGRAM) || source_program_page(parameters, address, page_size, own);
}

/* Program a page, or a part of one filled up with the erased value; a source promises nothing for parts. */
static u32 program_page(struct shim_parameters *parameters, u32 page_offset, u32 page_size, u32 lead, u32 piece,
                        const u8 *buffer)
{
    if (piece != page_size && parameters->partial_page == page_offset + 1 && (parameters->flags & SHIM_READABLE)
        && is_sector(parameters, page_offset)) {
        return reprogram_page(parameters, page_offset, lead, piece, buffer);
    }
    if (piece != page_size || ((u32)buffer & 3) != 0) {
        u8 *own = page_buffer(parameters);
        fill(own, (u8)parameters->erased_value, page_size);
        copy(own + lead, buffer, piece);
        buffer = own;
    }
    if (source_program_page(parameters, parameters->device_base + page_offset, page_size, buffer)) {
        return 1;
    }
    if (piece != page_size) {
        parameters->partial_page = page_offset + 1;
    }
    return 0;
}

u32 flash_program(struct shim_parameters *parameters, u32 address, u32 size, const u8 *buffer)
{
    if (is_outside(parameters, address, size) || source_enter(parameters, PHASE_PROGRAM)) {
        return 1;
    }
    u32 page_offset = address - parameters->device_base;
    u32 lead = modulo(page_offset, parameters->page_size);
    page_offset -= lead;
    while (size) {
        u32 page_size = smaller(parameters->page_size, parameters->device_size - page_offset);
        u32 piece = smaller(page_size - lead, size);
        if (program_page(parameters, page_offset, page_size, lead, piece, buffer)) {
            return 1;
        }
        page_offset += page_size;
        buffer += piece;
        size -= piece;
        lead = 0;
    }
    return 0;
}

u32 flash_read(struct shim_parameters *parameters, u32 address, u32 size, u8 *buffer)
{
    return is_outside(parameters, address, size) || source_enter(parameters, PHASE_READ)
           || source_read(parameters, address, size, buffer);
}

/* Compare at most one page; 0 where equal, else the failing address. */
static u32 verify_piece(struct shim_parameters *parameters, u32 address, u32 size, const u8 *buffer)
{
    u8 *own = page_buffer(parameters);
    if (source_can_verify(parameters, address, size)) {
        if ((u32)buffer & 3) {
            copy(own, buffer, size);
            buffer = own;
        }
        return source_verify(parameters, address, size, buffer);
    }
    if (source_read(parameters, address, size, own)) {
        return address ? address : 1;
    }
    for (u32 index = 0; index < size; index++) {
        if (own[index] != buffer[index]) {
            return address + index ? address + index : 1;
        }
    }
    return 0;
}

u32 flash_verify(struct shim_parameters *parameters, u32 address, u32 size, const u8 *buffer)
{
    if (is_outside(parameters, address, size) || source_enter(parameters, PHASE_READ)) {
        return address ? address : 1;
    }
    while (size) {
        u32 piece = smaller(parameters->page_size, size);
        u32 failing = verify_piece(parameters, address, piece, buffer);
        if (failing) {
            return failing;
        }
        address += piece;
        buffer += piece;
        size -= piece;
    }
    return 0;
}

u32 flash_checksum(struct shim_parameters *parameters, u32 address, u32 size, u32 *sum)
{
    if (is_outside(parameters, address, size) || source_enter(parameters, PHASE_READ)) {
        return 1;
    }
    u8 *own = page_buffer(parameters);
    while (size) {
        u32 piece = smaller(parameters->page_size, size);
        if (source_read(parameters, address, piece, own)) {
            return 1;
        }
        *sum = add_bytes(*sum, own, piece);
        address += piece;
        size -= piece;
    }
    return 0;
}
