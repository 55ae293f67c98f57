"""A moved image is what a link at the other address gives; what cannot be moved for certain is not moved."""

import struct
from pathlib import Path

import pytest

from loaderconv.rewriting import relocation_types as r
from loaderconv.rewriting import thumb_moves
from loaderconv.rewriting.relocation import move_image
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.facts import facts_of
from loaderconv_formats.elf.image import ElfImage, ElfRelocation, ElfSection, ElfSegment
from loaderconv_formats.elf.loaded import segment_of
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.writer import write_elf
from loaderconv_schemas.errors import ConversionRefused
from support.linking import link_movable
from support.rewriting import storage_info
from support.small_image import BASE, MOVT_R1, MOVW_R1, MOVW_R2, SIZE_BYTES, code_of, instruction, small_image
from support.toolchain import needs_toolchain

BUILDS = {
    "Cortex-M0, literals": ("-mcpu=cortex-m0", "-O2", "-g"),
    "Cortex-M4, smallest": ("-mcpu=cortex-m4", "-Os", "-g"),
    "Cortex-M4, MOVW and MOVT": ("-mcpu=cortex-m4", "-O2", "-g", "-mslow-flash-data"),
    "Cortex-M33, nothing but code in .text": ("-mcpu=cortex-m33", "-O2", "-g", "-mpure-code"),
    "Cortex-M4, unwind tables": ("-mcpu=cortex-m4", "-O0", "-g3", "-funwind-tables"),
    "Cortex-M7, DWARF 4, long calls": ("-mcpu=cortex-m7", "-O1", "-gdwarf-4", "-mfloat-abi=hard", "-mlong-calls"),
}

DISTANCES = (4, 0x40, 0x3FFC, 0x1_0000, 0x0400_0000, -0x100_0000)
"""0x3ffc carries into the upper half of some addresses of a table of 70,000 bytes."""


@needs_toolchain
@pytest.mark.toolchain
@pytest.mark.parametrize("flags", BUILDS.values(), ids=BUILDS.keys())
def test_moved_image_is_what_a_link_at_that_address_gives(flags: tuple[str, ...], tmp_path: Path) -> None:
    """Bytes, symbols, debug information and relocations are compared, not only what is loaded."""
    source = link_movable(tmp_path, BASE, *flags)
    for distance in DISTANCES:
        moved, fresh = read_elf(source), read_elf(link_movable(tmp_path, BASE + distance, *flags))
        assert facts_of(moved).difference(facts_of(fresh)) is not None
        move_image(moved, distance, pinned=segment_of(storage_info(moved).section))
        assert facts_of(moved).difference(facts_of(fresh)) is None, f"{distance:#x}"
        assert relocations(moved) == relocations(fresh)
        assert facts_of(read_elf(write_elf(moved))).difference(facts_of(moved)) is None


@needs_toolchain
@pytest.mark.toolchain
def test_descriptor_that_is_not_pinned_moves_too(tmp_path: Path) -> None:
    flags = BUILDS["Cortex-M0, literals"]
    moved = read_elf(link_movable(tmp_path, BASE, *flags, descriptor=None))
    move_image(moved, 4)
    fresh = read_elf(link_movable(tmp_path, BASE + 4, *flags, descriptor=None))
    assert facts_of(moved).difference(facts_of(fresh)) is None


@needs_toolchain
@pytest.mark.toolchain
def test_types_outside_the_list_are_refused_with_their_number(tmp_path: Path) -> None:
    """Code for a Cortex-M0 that may not read its own text builds addresses a byte at a time (R_ARM_THM_ALU_ABS)."""
    image = read_elf(link_movable(tmp_path, BASE, "-mcpu=cortex-m0", "-O2", "-mpure-code", descriptor=None))
    before = facts_of(image)
    with pytest.raises(ConversionRefused, match=r"relocation of type 13[2-5] at 0x2000"):
        move_image(image, 4)
    assert facts_of(image).difference(before) is None


@needs_toolchain
@pytest.mark.toolchain
def test_without_relocations_nothing_is_moved(tmp_path: Path) -> None:
    image = read_elf(link_movable(tmp_path, BASE, "-mcpu=cortex-m0", "-g", keep_relocations=False))
    with pytest.raises(ConversionRefused, match="no relocations"):
        move_image(image, 4)


def relocations(image: ElfImage) -> list[tuple[int, int, str | None]]:
    return [
        (entry.offset, entry.type, entry.symbol.name if entry.symbol else None)
        for section in image.sections
        if isinstance(section.content, list)
        for entry in section.content
    ]


@pytest.mark.parametrize("kind", [2, 38])
def test_words_grow_by_the_distance(kind: int) -> None:
    image = small_image((struct.pack("<I", BASE + 0x22), kind, "inside"))
    move_image(image, 0x100)
    assert code_of(image)[:4] == struct.pack("<I", BASE + 0x122)
    assert image.entry == BASE + 0x101
    assert [symbol.value for symbol in image.symbols] == [BASE + 0x120, 0x4000_0000, BASE + 0x40, 0]


@pytest.mark.parametrize("symbol", ["absolute", "weak", ""])
def test_words_for_what_does_not_move_stay(symbol: str) -> None:
    image = small_image((struct.pack("<I", 0x4000_0004), 2, symbol))
    before = code_of(image)
    move_image(image, 0x100)
    assert code_of(image) == before


def test_upper_half_takes_the_carry_from_its_lower_half() -> None:
    image = small_image(
        (instruction(MOVW_R1, 0xFFFE), 47, "inside"),
        (instruction(MOVW_R2, 0x0000), 47, "inside"),
        (instruction(MOVT_R1, 0x2000), 48, "inside"),
    )
    move_image(image, 4)
    assert code_of(image)[:12] == instruction(MOVW_R1, 2) + instruction(MOVW_R2, 4) + instruction(MOVT_R1, 0x2001)


REFUSED = {
    "an absolute symbol inside of the image": (((bytes(4), 2, "end of RAM"),), "might have to move or not"),
    "two lower halves that disagree": (
        (
            (instruction(MOVW_R1, 0xFFFE), 47, "inside"),
            (instruction(MOVW_R1, 0x0000), 47, "inside"),
            (instruction(MOVT_R1, 0x2000), 48, "inside"),
        ),
        "MOVW cannot be told",
    ),
    "an upper half alone": (((instruction(MOVT_R1, 0x2000), 48, "inside"),), "MOVW cannot be told"),
    "another instruction than the type says": (((bytes(4), 47, "inside"),), "does not stand on the instruction"),
    "MOVT under the type of MOVW": (((instruction(MOVT_R1, 1), 47, "inside"),), "does not stand on the instruction"),
    "a call out of the image": (((bytes(4), 10, "absolute"),), "spans what moves and what stays"),
    "a type for r9": (((bytes(4), 9, "inside"),), "relocation of type 9 at 0x20000000 is of a type"),
    "a type for r9 of what stays": (((bytes(4), 9, "weak"),), "relocation of type 9 at 0x20000000 is of a type"),
    "a distance to a fixed address": (((bytes(4), 3, "absolute"),), "spans what moves and what stays"),
    "a distance to nothing": (((bytes(4), 3, "weak"),), "spans what moves and what stays"),
    "a distance to the start of memory": (((bytes(4), 3, ""),), "spans what moves and what stays"),
    "a branch to the start of memory": (((bytes(4), 10, ""),), "spans what moves and what stays"),
}


@pytest.mark.parametrize(("places", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_certain_is_refused_and_nothing_changed(
    places: tuple[tuple[bytes, int, str], ...], message: str
) -> None:
    image = small_image(*places)
    before = facts_of(image)
    with pytest.raises(ConversionRefused, match=message):
        move_image(image, 4)
    assert facts_of(image).difference(before) is None


def with_second_relocation(image: ElfImage, offset: int) -> None:
    content = image.sections[-1].content
    assert isinstance(content, list)
    content.append(ElfRelocation(offset, 2, image.symbols[0], None))


def test_two_relocations_for_one_place_are_refused() -> None:
    image = small_image((bytes(4), 2, "inside"))
    with_second_relocation(image, BASE)
    with pytest.raises(ConversionRefused, match="shares its place"):
        move_image(image, 4)


@pytest.mark.parametrize("offset", [BASE - 8, BASE - 4, BASE + 62, BASE + 64])
def test_place_outside_of_its_section_is_refused(offset: int) -> None:
    image = small_image((bytes(4), 2, "inside"))
    with_second_relocation(image, offset)
    with pytest.raises(ConversionRefused, match="outside of its section"):
        move_image(image, 4)


def _align(image: ElfImage) -> None:
    image.sections[0].alignment = 8


def _copy(image: ElfImage) -> None:
    image.load_segments[0].physical_address = 0x0800_0000


def _give_addends(image: ElfImage) -> None:
    image.sections[-1].type = c.SHT_RELA


def _forget_the_target(image: ElfImage) -> None:
    (text, table) = image.sections
    image.sections.append(ElfSection(".rel.more", c.SHT_REL, content=[], links_to_symbols=True, info_section=text))
    table.info_section = None


def _leave_bytes(image: ElfImage) -> None:
    image.sections[-1].content = bytes(8)


def _keep_those_of_debug_information(image: ElfImage) -> None:
    image.sections.pop()
    add_debug_table(image)


def _go_to_the_end(image: ElfImage) -> None:
    place_at(image, 2**32 - SIZE_BYTES - 3)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_align, "aligned to 8"),
        (_copy, "copied by start-up code"),
        (_forget_the_target, "of a form"),
        (_leave_bytes, "of a form"),
        (_keep_those_of_debug_information, "no relocations for what it loads"),
        (_give_addends, "of a form"),
        (_go_to_the_end, "32-bit address space"),
    ],
)
def test_images_that_cannot_be_moved(spoil: object, message: str) -> None:
    assert callable(spoil)
    image = small_image((bytes(4), 2, "inside"))
    spoil(image)
    with pytest.raises(ConversionRefused, match=message):
        move_image(image, 4)


def place_at(image: ElfImage, address: int) -> None:
    """Put the image of one section elsewhere."""
    segment = image.load_segments[0]
    image.sections[0].address = segment.address = segment.physical_address = address
    for entry in entries_of(image):
        entry.offset += address - BASE
    image.symbols[0].value += address - BASE


def entries_of(image: ElfImage) -> list[ElfRelocation]:
    content = image.sections[1].content
    assert isinstance(content, list)
    return content


@pytest.mark.parametrize(("start", "distance"), [(0x100, -0x100), (2**32 - SIZE_BYTES - 4, 4)])
def test_image_may_reach_the_ends_of_the_address_space(start: int, distance: int) -> None:
    image = small_image((struct.pack("<I", start + 0x20), 2, "inside"))
    place_at(image, start)
    move_image(image, distance)
    assert code_of(image)[:4] == struct.pack("<I", start + 0x20 + distance)


def test_image_never_leaves_the_address_space_below() -> None:
    image = small_image((bytes(4), 2, "inside"))
    place_at(image, 0x100)
    with pytest.raises(ConversionRefused, match="32-bit address space"):
        move_image(image, -0x104)


@pytest.mark.parametrize("kind", sorted(r.BRANCHES))
def test_branch_to_nothing_is_a_nop_and_stays(kind: int) -> None:
    image = small_image((bytes.fromhex("aff30080"), kind, "weak"))
    move_image(image, 4)
    assert code_of(image)[:4] == bytes.fromhex("aff30080")


def test_distance_within_what_stays_is_no_business_of_a_move() -> None:
    image = small_image((struct.pack("<I", BASE), 2, "inside"))
    add_debug_table(image, ElfRelocation(0, 3, image.symbols[1], None))
    move_image(image, 4)
    assert image.sections[-2].data == bytes(4)


NEAR = [BASE, BASE + SIZE_BYTES, BASE + SIZE_BYTES + 0x1_0000]
FAR = [0x200, BASE - 1, BASE + SIZE_BYTES + 0x1_0001]


@pytest.mark.parametrize("value", NEAR)
def test_absolute_symbol_at_the_image_is_refused(value: int) -> None:
    """It may be the end of a heap behind the image, or an address that the memory has."""
    image = small_image((struct.pack("<I", value), 2, "absolute"))
    image.symbols[1].value = value
    with pytest.raises(ConversionRefused, match="might have to move or not"):
        move_image(image, 4)


@pytest.mark.parametrize("value", FAR)
def test_other_absolute_symbols_stay(value: int) -> None:
    image = small_image((struct.pack("<I", value), 2, "absolute"))
    image.symbols[1].value = value
    move_image(image, 4)
    assert code_of(image)[:4] == struct.pack("<I", value)
    assert image.symbols[1].value == value


def test_nothing_is_no_address_of_an_image_at_address_zero() -> None:
    image = small_image((bytes(4), 2, "weak"))
    place_at(image, 0)
    move_image(image, 4)
    assert code_of(image)[:4] == bytes(4)


def add_debug_table(image: ElfImage, *entries: ElfRelocation, name: str = ".debug_info", flags: int = 0) -> None:
    """Add a section of four bytes that is not loaded, and its relocations."""
    section = ElfSection(name, c.SHT_PROGBITS, flags, size_bytes=4, content=bytes(4))
    table = ElfSection(".rel" + name, c.SHT_REL, content=[*entries], links_to_symbols=True, info_section=section)
    image.sections += [section, table]


@pytest.mark.parametrize(
    ("name", "flags", "kind", "message"),
    [
        (".debug_info", c.SHF_COMPRESSED, 2, "compressed"),
        (".zdebug_info", 0, 2, "compressed"),
        (".debug_info", 0, 9, "is of a type"),
    ],
)
def test_debug_information_that_cannot_be_moved_can_be_left_out(name: str, flags: int, kind: int, message: str) -> None:
    image = small_image((struct.pack("<I", BASE), 2, "inside"))
    add_debug_table(image, ElfRelocation(0, kind, image.symbols[0], None), name=name, flags=flags)
    with pytest.raises(ConversionRefused, match=message) as refusal:
        move_image(image, 4)
    assert "--strip-debug" in refusal.value.hint


def test_refusals_about_code_do_not_blame_debug_information() -> None:
    with pytest.raises(ConversionRefused) as refusal:
        move_image(small_image((bytes(4), 9, "inside")), 4)
    assert "--strip-debug" not in refusal.value.hint


@pytest.mark.parametrize(("entry", "moved"), [(BASE, BASE + 4), (BASE + SIZE_BYTES, BASE + SIZE_BYTES), (0, 0)])
def test_entry_moves_with_the_code_that_it_names(entry: int, moved: int) -> None:
    image = small_image((struct.pack("<I", BASE), 2, "inside"))
    image.entry = entry
    move_image(image, 4)
    assert image.entry == moved


EXIDX = 0x7000_0001


@pytest.mark.parametrize("start", [BASE - 4, BASE + SIZE_BYTES - 4])
def test_segment_of_another_kind_that_is_not_inside_stays(start: int) -> None:
    image = small_image((struct.pack("<I", BASE), 2, "inside"))
    image.segments.append(ElfSegment(EXIDX, start, b"unwound.", 8, 4, 4, start))
    move_image(image, 4)
    inner = image.segments[-1]
    assert (inner.address, inner.data) == (start, b"unwound.")


def test_segment_at_the_end_of_another_keeps_sharing_its_bytes() -> None:
    image = small_image((struct.pack("<I", BASE), 2, "inside"))
    start = BASE + SIZE_BYTES - 8
    image.segments.append(ElfSegment(EXIDX, start, b"unwound.", 8, 4, 4, start))
    move_image(image, 4)
    inner = image.segments[-1]
    assert (inner.address, inner.data) == (start + 4, bytes(8))


def test_segment_inside_another_keeps_sharing_its_bytes() -> None:
    image = small_image((struct.pack("<I", BASE), 2, "inside"))
    image.segments.append(ElfSegment(0x7000_0001, BASE, code_of(image)[:8], 8, 4, 4, BASE))
    move_image(image, 4)
    inner = image.segments[-1]
    assert (inner.address, inner.physical_address, inner.data) == (BASE + 4, BASE + 4, code_of(image)[:8])


@pytest.mark.parametrize("constant", [0, 1, 0x00FF, 0x0700, 0x0800, 0xF000, 0xFFFF])
@pytest.mark.parametrize("pattern", [MOVW_R1, MOVT_R1, 0xF240_0E00])
def test_constants_of_moves(pattern: int, constant: int) -> None:
    code = instruction(pattern, constant)
    assert thumb_moves.decode(code) == thumb_moves.MoveImmediate(
        is_top=pattern == MOVT_R1, register=pattern >> 8 & 0xF, constant=constant
    )
    assert thumb_moves.with_constant(code, 0) == struct.pack("<HH", pattern >> 16, pattern & 0xFFFF)


def test_move_as_the_assembler_writes_it() -> None:
    assert thumb_moves.decode(bytes.fromhex("41f23421")) == thumb_moves.MoveImmediate(False, 1, 0x1234)
    assert thumb_moves.decode(bytes.fromhex("ccf6ef52")) == thumb_moves.MoveImmediate(True, 2, 0xCDEF)
    assert thumb_moves.decode(bytes.fromhex("00bf00bf")) is None
