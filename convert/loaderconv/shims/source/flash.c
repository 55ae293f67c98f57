#include "flash.h"

#include "memory.h"
#include "source.h"

static u32 is_refused(u32 address, u32 size)
{
    u32 offset = address - parameters->device_base;
    return !parameters->is_installed || offset > parameters->device_size || size > parameters->device_size - offset;
}

static u8 *page_buffer(void)
{
    return (u8 *)parameters + parameters->page_buffer;
}

u64 flash_sector(u32 address)
{
    u32 offset = address - parameters->device_base;
    const struct sector_run *run = parameters->run;
    while (offset >= run->end_offset) {
        run++;
    }
    union sector sector = {.size = run->sector_size};
    sector.start = address - modulo(offset - run->offset, sector.size);
    return sector.words;
}

u32 flash_erase(u32 first, u32 last)
{
    u32 last_offset = last - parameters->device_base;
    if (is_refused(first, last - first) || last_offset >= parameters->device_size
        || source_enter(PHASE_ERASE)) {
        return 1;
    }
    parameters->partial_page = 0;
    do {
        union sector sector = {.words = flash_sector(first)};
        if (source_erase_sector(sector.start, sector.size)) {
            return 1;
        }
        first = sector.start + sector.size;
    } while (first - parameters->device_base <= last_offset);
    return 0;
}

u32 flash_erase_all(void)
{
    if (!parameters->is_installed) {
        return 1;
    }
    parameters->partial_page = 0;
    u32 answer = source_erase_device();
    if (answer != SOURCE_CANNOT) {
        return answer;
    }
    return flash_erase(parameters->device_base, parameters->device_base + parameters->device_size - 1);
}

/*
 * Program one more part of the page of which a part was programmed last. Many sources take blank pages only (nRF51, nRF52,
 * flash with ECC): where pages are sectors and can be read, keep the page, erase, and program all of it. It was
 * programmed as a whole, so reading it is safe even where reading blank flash is not. What is not blank is never replaced
 * by something else.
 */
static u32 reprogram_page(u32 page, u32 lead, u32 piece, const u8 *buffer)
{
    u32 page_size = parameters->page_size;
    u8 *own = page_buffer();
    if (source_enter(PHASE_READ) || source_read(page, page_size, own)) {
        return 1;
    }
    for (u32 index = 0; index < piece; index++) {
        if (own[lead + index] != parameters->erased_value && own[lead + index] != buffer[index]) {
            return 1;
        }
    }
    copy(own + lead, buffer, piece);
    return source_enter(PHASE_ERASE) || source_erase_sector(page, page_size)
           || source_enter(PHASE_PROGRAM) || source_program(page, page_size, own);
}

/*
 * Program `piece` bytes in one page. What the source must be given in whole units is filled up with the erased value;
 * what is not aligned goes by way of a buffer that is.
 */
static u32 program_piece(u32 address, u32 piece, const u8 *buffer)
{
    u32 unit = parameters->program_unit;
    u32 offset = address - parameters->device_base;
    u32 lead = modulo(offset, unit);
    u32 size = lead + piece + unit - 1;
    size = smaller(size - modulo(size, unit), parameters->device_size - offset + lead);
    u32 mark = 0;
    if (size != piece) {
        mark = offset - lead + 1;
        if (SOURCE_WANTS_BLANK && parameters->partial_page == mark && (parameters->flags & SHIM_REPROGRAMS)) {
            return reprogram_page(address - lead, lead, piece, buffer);
        }
    }
    if (mark || ((u32)buffer & 3)) {
        u8 *own = page_buffer();
        fill(own, (u8)parameters->erased_value, size);
        copy(own + lead, buffer, piece);
        buffer = own;
    }
    if (source_program(address - lead, size, buffer)) {
        return 1;
    }
    if (SOURCE_WANTS_BLANK && mark) {
        parameters->partial_page = mark;
    }
    return 0;
}

u32 flash_program(u32 address, u32 size, const u8 *buffer)
{
    if (is_refused(address, size) || source_enter(PHASE_PROGRAM)) {
        return 1;
    }
    u32 room = parameters->page_size - modulo(address - parameters->device_base, parameters->page_size);
    while (size) {
        u32 piece = smaller(room, size);
        if (program_piece(address, piece, buffer)) {
            return 1;
        }
        address += piece;
        buffer += piece;
        size -= piece;
        room = parameters->page_size;
    }
    return 0;
}

u32 flash_read(u32 address, u32 size, u8 *buffer)
{
    return is_refused(address, size) || source_enter(PHASE_READ)
           || source_read(address, size, buffer);
}

u32 flash_fold(u32 address, u32 size, fold step, u32 *value)
{
    u8 *own = page_buffer();
    u32 piece;
    for (; size; size -= piece) {
        piece = smaller(parameters->page_size, size);
        if (flash_read(address, piece, own)) {
            return 1;
        }
        step(value, own, piece);
        address += piece;
    }
    return 0;
}

/* What is compared, as the running value of a fold. */
struct comparison {
    const u8 *next; /* byte of the host's buffer; stays at the first one that differs */
    u32 is_different;
};

static void compare(u32 *value, const u8 *bytes, u32 size)
{
    struct comparison *state = (struct comparison *)value;
    for (; size; size--) {
        state->is_different |= *bytes++ != *state->next;
        if (state->is_different) {
            return;
        }
        state->next++;
    }
}

/* The source compares page by page. */
static u32 verify_by_source(u32 address, u32 size, const u8 *buffer)
{
    u32 failing = is_refused(address, size) || source_enter(PHASE_READ);
    u32 piece;
    for (; size && !failing; size -= piece) {
        piece = smaller(parameters->page_size, size);
        const u8 *aligned = buffer;
        if ((u32)buffer & 3) {
            aligned = page_buffer();
            copy(page_buffer(), buffer, piece);
        }
        failing = source_verify(address, piece, aligned);
        address += piece;
        buffer += piece;
    }
    return failing;
}

u32 flash_verify(u32 address, u32 size, const u8 *buffer)
{
    if (SOURCE_VERIFIES && source_can_verify(address, size)) {
        return verify_by_source(address, size, buffer);
    }
    struct comparison state = {.next = buffer, .is_different = 0};
    u32 failed = flash_fold(address, size, compare, (u32 *)&state) | state.is_different;
    address += state.next - buffer;
    if (failed && address) {
        return address;
    }
    return failed;
}
