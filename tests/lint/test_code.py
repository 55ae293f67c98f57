"""The walk through Thumb code, on snippets of each encoding."""

import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaderconv.lint.code.reached import ReachedCode
from loaderconv.lint.code.values import Known
from loaderconv.lint.code.walk import Event
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.image import ElfImage, ElfSymbol
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.routines import entry_points
from loaderconv_formats.flm import abi
from support.paths import corpus_flms, fixture_flms
from support.thumb import bl, code, words
from support.toolchain import ARM_OBJDUMP, needs_toolchain

BASE = 0x2000_0000

BX_LR = 0x4770
NOP = 0xBF00
UNDEFINED = 0xDE00


def program(data: bytes, *, base: int = BASE, data_at: tuple[int, ...] = ()) -> ElfImage:
    """Return a program; what lies at `data_at` is mapped as data, what lies 4 bytes behind as code again."""
    image = ElfImage()
    segment = image.add_load_segment(base, data, flags=c.PF_R | c.PF_X, alignment=4)
    flags = c.SHF_ALLOC | c.SHF_EXECINSTR
    section = image.add_view(".text", segment, address=base, size_bytes=len(data), flags=flags, alignment=4)
    for address in data_at:
        image.symbols.append(ElfSymbol("$d", address, binding=c.STB_LOCAL, section=section))
        image.symbols.append(ElfSymbol("$t.1", address + 4, binding=c.STB_LOCAL, section=section))
    return image


def reached(data: bytes, *entries: int, base: int = BASE, data_at: tuple[int, ...] = ()) -> ReachedCode:
    return ReachedCode(program(data, base=base, data_at=data_at), entries or (base,))


def instructions(code_: ReachedCode) -> Iterator[int]:
    """Yield the addresses of all instructions, in the order of the walk."""
    for run in code_.walk.runs:
        address = run.start
        while address < run.end:
            yield address
            address += 4 if run.region.halfwords[(address - run.region.start) >> 1] >= 0xE800 else 2


def offsets(data: bytes, *entries: int, base: int = BASE, data_at: tuple[int, ...] = ()) -> list[int]:
    """Return where instructions are reached, counted from the base."""
    code_ = reached(data, *entries, base=base, data_at=data_at)
    return sorted(address - base for address in instructions(code_))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(code(0x2000, BX_LR, 0x2001, BX_LR), [0, 2], id="movs; bx lr"),
        pytest.param(code(0xF04F, 0x0000, BX_LR), [0, 4], id="mov.w; bx lr"),
        pytest.param(code(0xB510, 0xBD10, 0x2000), [0, 2], id="pop {r4, pc}"),
        pytest.param(code(0xE92D, 0x4010, 0xE8BD, 0x8010, 0x2000), [0, 4], id="pop.w {r4, pc}"),
        pytest.param(code(0xE8BD, 0x4010, BX_LR), [0, 4], id="pop.w {r4, lr}; bx lr"),
        pytest.param(code(0xF85D, 0xFB04, 0x2000), [0], id="ldr.w pc, [sp], #4"),
        pytest.param(code(0xF8D0, 0x1004, BX_LR), [0, 4], id="ldr.w r1, [r0, #4]"),
        pytest.param(code(0xF8D0, 0xF004, 0x2000), [0], id="ldr.w pc, [r0, #4]"),
        pytest.param(code(0xE000, UNDEFINED, BX_LR), [0, 4], id="b .+4"),
        pytest.param(code(0xE001, NOP, BX_LR, 0xE7FC), [0, 2, 4, 6], id="b forward, then back"),
        pytest.param(code(0xE7FE), [0], id="b ."),
        pytest.param(code(0xF000, 0xB801, UNDEFINED, BX_LR), [0, 6], id="b.w"),
        pytest.param(code(0xD000, BX_LR, BX_LR), [0, 2, 4], id="beq"),
        pytest.param(code(0xF000, 0x8001, BX_LR, BX_LR), [0, 4, 6], id="beq.w"),
        pytest.param(code(0xB100, BX_LR, BX_LR), [0, 2, 4], id="cbz"),
        pytest.param(code(0xB920, BX_LR, NOP, NOP, NOP, NOP, BX_LR), [0, 2, 12], id="cbnz"),
        pytest.param(code(0xBB00, BX_LR) + bytes(64) + code(BX_LR), [0, 2, 68], id="cbnz with bit i"),
        pytest.param(code(0xDE00, 0x2000), [0], id="udf"),
        pytest.param(code(0xF7F0, 0xA000, 0x2000), [0], id="udf.w"),
        pytest.param(code(0xDF00, BX_LR), [0, 2], id="svc"),
        pytest.param(code(0x4718, 0x2000), [0], id="bx r3"),
        pytest.param(code(0x4798, BX_LR), [0, 2], id="blx r3"),
        pytest.param(code(0x46F7, 0x2000), [0], id="mov pc, lr"),
        pytest.param(code(0x4487, 0x2000), [0], id="add pc, r0"),
        pytest.param(code(0xBF08, BX_LR, BX_LR), [0, 2, 4], id="it eq; bxeq lr"),
        pytest.param(code(0xBF04, 0x2000, 0xBD10, BX_LR), [0, 2, 4, 6], id="itt eq; moveq; popeq {pc}"),
        pytest.param(code(0xBF0C, 0xF000, 0xB802, BX_LR, UNDEFINED, BX_LR), [0, 2, 6, 8, 10], id="ite; b.w; bx lr"),
        pytest.param(code(0xF3EF, 0x8010, 0xF380, 0x8810, BX_LR), [0, 4, 8], id="mrs; msr"),
        pytest.param(code(0xF3BF, 0x8F4F, BX_LR), [0, 4], id="dsb"),
        pytest.param(code(0xE9D0, 0x1202, 0xE8D0, 0x1F4F, BX_LR), [0, 4, 8], id="ldrd; ldrexb"),
        pytest.param(code(0x4800, BX_LR) + words(0x4770_4770), [0, 2], id="ldr literal"),
        pytest.param(code(0xF8DF, 0x0004, BX_LR, NOP) + words(0), [0, 4], id="ldr.w literal"),
        pytest.param(code(0xF8DF, 0xF000) + words(BASE + 9) + code(BX_LR), [0, 8], id="ldr.w pc, literal"),
    ],
)
def test_walk_goes_where_code_leads(data: bytes, expected: list[int]) -> None:
    assert offsets(data) == expected


def test_walk_ends_with_the_bytes() -> None:
    assert offsets(struct.pack("<2H", 0x2000, 0x2001)) == [0, 2]
    assert offsets(struct.pack("<2H", 0x2000, 0xEA00)) == [0]
    assert offsets(b"\x70") == []
    assert offsets(struct.pack("<2H", 0x2000, 0x2001), BASE + 4) == []


def test_call_is_followed_and_returns() -> None:
    data = code(*bl(0, 8), BX_LR, UNDEFINED, 0x2001, BX_LR)
    assert offsets(data) == [0, 4, 8, 10]


def test_call_backwards() -> None:
    data = code(0x2001, BX_LR, *bl(4, 0), BX_LR)
    assert offsets(data, BASE + 4) == [0, 2, 4, 8]


def test_tables_are_bounded_by_the_comparison() -> None:
    # cmp r0, #2; bhi default; tbb [pc, r0]; .byte 2, 3, 4, 0; three cases; default
    table = bytes([2, 3, 4, 0])
    data = code(0x2802, 0xD806, 0xE8DF, 0xF000) + table + code(BX_LR, BX_LR, BX_LR, UNDEFINED)
    assert offsets(data) == [0, 2, 4, 12, 14, 16, 18]


def test_tables_of_halfwords() -> None:
    # cmp r0, #2; bhs.w default; tbh [pc, r0, lsl #1]; .short 2, 3; two cases; default
    data = code(0x2802, 0xF080, 0x8006, 0xE8DF, 0xF010) + struct.pack("<2H", 2, 3) + code(BX_LR, BX_LR, BX_LR)
    assert offsets(data) == [0, 2, 6, 14, 16, 18]


def test_table_without_comparison_ends_the_way() -> None:
    data = code(0x2000, 0x2100, 0xE8DF, 0xF000, 0x0101, BX_LR)
    assert offsets(data) == [0, 2, 4]
    assert reached(data).addresses(Event.REGISTER_BRANCH) == [BASE + 4]


ARMCC_SWITCH = code(
    0xB430,  # push {r4, r5}
    0x4674,  # mov r4, lr
    0x1E64,  # subs r4, r4, #1
    0x7825,  # ldrb r5, [r4]
    0x1C64,  # adds r4, r4, #1
    0x42AB,  # cmp r3, r5
    0xD304,  # bcc .+12
    0x5D63,  # ldrb r3, [r4, r5]
    0x005B,  # lsls r3, r3, #1
    0x18E3,  # adds r3, r4, r3
    0xBC30,  # pop {r4, r5}
    0x4718,  # bx r3
    0x461D,  # mov r5, r3
    0xE7F8,  # b .-12
)


def test_table_behind_a_call_of_armcc() -> None:
    size = len(ARMCC_SWITCH)
    # bl __ARM_common_switch8; .byte 2, 3, 4, 3; padding; two cases
    data = ARMCC_SWITCH + code(*bl(size, 0)) + bytes([2, 3, 4, 3, 0xFF, 0xFF]) + struct.pack("<2H", BX_LR, BX_LR)
    assert offsets(data, BASE + size) == [size, size + 10, size + 12]


def test_table_behind_a_call_of_gcc_ends_the_way() -> None:
    # push {r1}; mov r1, lr; lsrs r1, r1, #1; lsls r1, r1, #1; ldrb r1, [r1, r0]
    helper = code(0xB402, 0x4671, 0x0849, 0x0049, 0x5C09, 0x0049, 0x448E, 0xBC02, BX_LR)
    assert offsets(helper + code(*bl(len(helper), 0), 0x0101), BASE + len(helper)) == [len(helper)]


def test_function_that_saves_lr_is_no_table() -> None:
    # bl f; bx lr; f: push {r4, lr}; mov r4, lr; ldr r0, [r4]; pop {r4, pc}
    data = code(*bl(0, 8), BX_LR, NOP, 0xB510, 0x4674, 0x6820, 0xBD10)
    assert offsets(data) == [0, 4, 8, 10, 12, 14]


def test_mapped_data_is_no_code() -> None:
    data = code(0x2000, NOP) + words(0xBEAB_BEAB) + code(BX_LR)
    assert offsets(data, data_at=(BASE + 4,)) == [0, 2]
    assert offsets(data) == [0, 2, 4, 6, 8]


def test_literals_count_from_words() -> None:
    # The region starts between two words: ldr r0, [pc, #0]; bx lr; then the literal.
    data = struct.pack("<3H", NOP, 0x4800, BX_LR) + words(0xBEAB_BEAB)
    assert offsets(data, base=BASE + 2) == [0, 2, 4]
    assert reached(data, base=BASE + 2).walk.literals == [(BASE + 4, BASE + 8, BASE + 2)]


def test_literals_are_no_events() -> None:
    # b .+8; literal; ldr r0, [pc, #-] is none of Thumb: the word is walked into first, then loaded by ldr.w
    data = code(0xBEAB, 0xBEAB, 0xF85F, 0x0008, BX_LR)
    assert reached(data).addresses(Event.SEMIHOSTING) == []


@pytest.mark.parametrize(
    ("event", "halfwords"),
    [
        (Event.WFI, (0xBF30,)),
        (Event.WFI, (0xF3AF, 0x8003)),
        (Event.WFE, (0xBF20,)),
        (Event.WFE, (0xF3AF, 0x8002)),
        (Event.BREAKPOINT, (0xBE00,)),
        (Event.SEMIHOSTING, (0xBEAB,)),
        (Event.ENABLE_INTERRUPTS, (0xB662,)),
        (Event.ENABLE_INTERRUPTS, (0xB661,)),
        (Event.FLOATING_POINT, (0xEE00, 0x0A10)),
        (Event.FLOATING_POINT, (0xED2D, 0x8B04)),
        (Event.FLOATING_POINT, (0xFE00, 0x0A00)),
        (Event.REGISTER_BRANCH, (0x4798,)),
    ],
)
def test_event(event: Event, halfwords: tuple[int, ...]) -> None:
    code_ = reached(code(0x2000, *halfwords, BX_LR))
    assert {each: code_.addresses(each) for each in Event if code_.addresses(each)} == {event: [BASE + 2]}


@pytest.mark.parametrize(
    "halfwords",
    [
        pytest.param((0xB672,), id="cpsid i"),
        pytest.param((0xBF40,), id="sev"),
        pytest.param((0xF3AF, 0x8000), id="nop.w"),
        pytest.param((0xEE01, 0x0F10), id="mcr p15"),
        pytest.param((0xBC08, 0x4718), id="pop {r3}; bx r3"),
        pytest.param((0xE001, 0xBE00, 0xBE00), id="b over bkpt"),
    ],
)
def test_no_event(halfwords: tuple[int, ...]) -> None:
    code_ = reached(code(0x2000, *halfwords, BX_LR))
    assert [each for each in Event if code_.addresses(each)] == []


def test_self_branches() -> None:
    assert reached(code(0x2000, 0xE7FE)).addresses(Event.SELF_BRANCH) == [BASE + 2]
    assert reached(code(0xF7FF, 0xBFFE)).addresses(Event.SELF_BRANCH) == [BASE]
    assert reached(code(0xD0FE, BX_LR)).addresses(Event.SELF_BRANCH) == []


VTOR = 0xE000_ED08


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(code(0x4901, 0x2000, 0x6008, BX_LR) + words(VTOR), id="ldr; str"),
        pytest.param(code(0x4901, 0x2000, 0x6088, BX_LR) + words(VTOR - 8), id="str with an offset"),
        pytest.param(code(0xF8DF, 0x1008, 0x2000, 0x6088, BX_LR, NOP) + words(VTOR - 8), id="ldr.w"),
        pytest.param(code(0xF64E, 0x5108, 0xF2CE, 0x0100, 0x6008, BX_LR), id="movw, movt"),
        pytest.param(code(0xF04F, 0x21E0, 0xF8C1, 0x0D08, BX_LR), id="mov.w, str.w"),
        pytest.param(code(0x4902, 0x460A, 0x3208, 0x6010, BX_LR, NOP) + words(VTOR - 8), id="mov, adds"),
        pytest.param(code(0x4902, 0xF101, 0x0208, 0x6010, BX_LR, NOP) + words(VTOR - 8), id="add.w"),
        pytest.param(code(0x4902, 0xF201, 0x0208, 0x6010, BX_LR, NOP) + words(VTOR - 8), id="addw"),
        pytest.param(code(0x4902, 0x3901, 0x1C49, 0x6008, BX_LR, NOP) + words(VTOR), id="subs, adds #1"),
        pytest.param(code(0x4902, 0x2208, 0x5088, 0xBF00, BX_LR, NOP) + words(VTOR - 8), id="str [r1, r2]"),
        pytest.param(code(0x4902, 0x2208, 0x1889, 0x6008, BX_LR, NOP) + words(VTOR - 8), id="adds r1, r1, r2"),
        pytest.param(code(0x4901, 0xE9C1, 0x0000, BX_LR) + words(VTOR - 4), id="strd, the second word"),
        pytest.param(code(0x4902, 0xB100, NOP, 0x6008, BX_LR, NOP) + words(VTOR), id="behind a condition"),
        pytest.param(code(0x4902, 0xE000, UNDEFINED, 0x6008, BX_LR, NOP) + words(VTOR), id="behind a branch"),
        pytest.param(code(0x4C02, *bl(2, 10), 0x6020, BX_LR, BX_LR) + words(VTOR), id="behind a call, in r4"),
    ],
)
def test_store_to_a_constant_address(data: bytes) -> None:
    assert [each.target for each in reached(data).system_stores if each.target == VTOR] == [VTOR]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(code(0x4901, 0x2000, 0x6808, BX_LR) + words(VTOR), id="ldr only"),
        pytest.param(code(0x4901, 0x2100, 0x6008, BX_LR) + words(VTOR), id="overwritten by movs"),
        pytest.param(code(0x4901, 0x6809, 0x6008, BX_LR) + words(VTOR), id="overwritten by what is there"),
        pytest.param(code(0x4902, 0xEA01, 0x0102, 0x6008, BX_LR, NOP) + words(VTOR), id="overwritten by and.w"),
        pytest.param(code(0x4902, *bl(2, 10), 0x6008, BX_LR, BX_LR) + words(VTOR), id="behind a call, in r1"),
        pytest.param(code(0x4902, 0xBF08, 0x4611, 0x6008, BX_LR, NOP) + words(VTOR), id="perhaps overwritten"),
        pytest.param(code(0x4902, 0xBC02, 0x6008, NOP, BX_LR, NOP) + words(VTOR), id="overwritten by pop"),
        pytest.param(code(0x4902, 0xFB00, 0xF101, 0x6008, BX_LR, NOP) + words(VTOR), id="overwritten by mul"),
    ],
)
def test_no_store_to_a_constant_address(data: bytes) -> None:
    assert list(reached(data).system_stores) == []


def test_store_with_an_index() -> None:
    data = code(0x4901, 0xF841, 0x0022, BX_LR) + words(0xE000_E100)  # str.w r0, [r1, r2, lsl #2]
    assert [each.target for each in reached(data).system_stores] == [0xE000_E100]
    data = code(0x4902, 0xEB01, 0x0182, 0x6008, BX_LR, NOP) + words(0xE000_E100)  # add.w r1, r1, r2, lsl #2; str
    assert [each.target for each in reached(data).system_stores] == [0xE000_E100]


def test_call_of_rom() -> None:
    data = code(0xB510, 0x4C01, 0x47A0, 0xBD10) + words(0x1FFF_1FF1)
    (call,) = reached(data).rom_calls
    assert (call.address, call.value.how, call.value.number) == (BASE + 4, Known.EXACT, 0x1FFF_1FF1)
    (call,) = reached(code(0xB510, 0x4C02, 0x6824, 0x47A0, 0xBD10, NOP) + words(0x0020_001C)).rom_calls
    assert (call.address, call.value.how, call.value.number) == (BASE + 6, Known.BEHIND, 0x0020_001C)


@pytest.mark.parametrize("target", [BASE + 1, 0x2001_0001, 0x4000_0000], ids=["the image", "RAM", "a peripheral"])
def test_call_of_something_else(target: int) -> None:
    assert list(reached(code(0xB510, 0x4C01, 0x47A0, 0xBD10) + words(target)).rom_calls) == []


def test_reaches() -> None:
    # 0: bl 8; bx lr; nop; 8: b 12; bx lr; 12: bx lr; 14: bx lr
    code_ = reached(code(*bl(0, 8), BX_LR, NOP, 0xE000, BX_LR, BX_LR, BX_LR), BASE, BASE + 14)
    assert code_.reaches(BASE, BASE + 12)
    assert code_.reaches(BASE + 4, BASE + 4)
    assert not code_.reaches(BASE + 4, BASE + 8)
    assert not code_.reaches(BASE, BASE + 14)
    assert not code_.reaches(BASE + 0x100, BASE)


def test_reaches_through_code_that_was_walked_before() -> None:
    # 0: movs; 2: nop; 4: bx lr; 6: b 2 - a second entry that joins the first one's way
    code_ = reached(code(0x2000, NOP, BX_LR, 0xE7FC), BASE, BASE + 6)
    assert code_.reaches(BASE + 6, BASE + 4)
    assert not code_.reaches(BASE + 6, BASE)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=600), st.lists(st.integers(0, 300), max_size=4), st.sampled_from([0, 2, BASE]))
def test_any_bytes_can_be_walked(data: bytes, entries: list[int], base: int) -> None:
    code_ = reached(data, *(base + 2 * entry for entry in entries), base=base)
    halfwords = sum(run.end - run.start for run in code_.walk.runs) // 2
    assert halfwords <= len(data) // 2
    assert len(list(instructions(code_))) <= halfwords
    assert all(data[store.address - base :] for store in code_.system_stores)
    assert all(call.address in code_.walk.events[Event.REGISTER_BRANCH] for call in code_.rom_calls)
    assert not code_.reaches(base, base + len(data))


@needs_toolchain
@pytest.mark.toolchain
@pytest.mark.parametrize("path", [*fixture_flms(), *corpus_flms()], ids=lambda path: path.name)
def test_instructions_start_where_objdump_sees_them(path: Path) -> None:
    image = read_elf(path.read_bytes())
    entries = [entry.address for entry in entry_points(symbols_by_name(image), abi.ROUTINES)]
    found = list(instructions(ReachedCode(image, entries)))
    listing = subprocess.run([ARM_OBJDUMP, "-d", "-z", path], capture_output=True, text=True, check=True).stdout
    lines = (line.split(":\t", 1) for line in listing.splitlines() if ":\t" in line)
    seen = {int(address, 16) for address, text in lines if "\t.word" not in text and "\t.short" not in text}
    assert found
    assert set(found) <= seen
