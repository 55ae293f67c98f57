"""Loaders that run: good ones in three flavours, and others that do one thing wrong."""

from pathlib import Path

from loaderconv.lint.facts import SimulationFacts, UserFacts
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.elf.reader import read_elf
from support.paths import FIXTURES
from support.rule_cases import Bad, Good, Write

QUADSPI = FIXTURES / "quadspi"
FACTS = UserFacts(simulation=SimulationFacts())
ON_M7 = UserFacts(simulation=SimulationFacts(cpu="cortex-m7"))

BRANCH_TO_ITSELF = bytes.fromhex("fee7")
RETURNS_0 = bytes.fromhex("00207047")
RETURNS_1 = bytes.fromhex("01207047")
RETURNS_7 = bytes.fromhex("07207047")
RETURNS_64_BIT_1 = bytes.fromhex("012000217047")
OVERRIDES_LAYOUT = bytes.fromhex("012000047047")
"""movs r0, #1; lsls r0, r0, #16; bx lr: a layout is in the buffer, which holds none."""

HOLE = ("STL014",)
"""Laid out as ST's linker scripts do it: StorageInfo lies in a hole of the code segment."""

DEBUG = ("IAR013",)
"""The good IAR loader keeps its debug information."""


def stldr(stem: str = "qspi", **code: bytes) -> Write:
    return _program(f"{stem}.stldr", code)


def flm(stem: str = "qspi", **code: bytes) -> Write:
    return _program(f"{stem}.FLM", code)


def iar(stem: str = "qspi", **code: bytes) -> Write:
    return _program(f"{stem}.out", code)


def _program(name: str, code: dict[str, bytes]) -> Write:
    """Return what copies a loader, whose routines by symbol begin with other code."""

    def write(folder: Path) -> Path:
        data = (QUADSPI / name).read_bytes()
        for symbol, replacement in code.items():
            data = _patched(data, symbol, replacement)
        path = folder / name
        path.write_bytes(data)
        if path.suffix == ".out":
            flash = path.with_suffix(".flash")
            flash.write_bytes((QUADSPI / flash.name).read_bytes())
            return flash
        return path

    return write


def _patched(data: bytes, symbol: str, replacement: bytes) -> bytes:
    found = symbols_by_name(read_elf(data))[symbol]
    assert found.section is not None
    assert found.section.read_from is not None
    at = found.section.read_from + found.address - found.section.address
    return data[:at] + replacement + data[at + len(replacement) :]


BAD = [
    Bad("STL050", "does-not-return", stldr(SectorErase=BRANCH_TO_ITSELF), ["SectorErase"], FACTS, HOLE),
    Bad("STL050", "not-done", stldr(SectorErase=RETURNS_1), ["erase"], FACTS, HOLE),
    Bad("STL051", "erases-beyond", stldr("erases_beyond"), ["0x90002000..0x90002fff"], FACTS, HOLE),
    Bad("STL052", "cannot-fail", stldr("verify_cannot_fail"), ["Verify", "first byte"], FACTS, HOLE),
    Bad("STL052", "equal-refused", stldr(Verify=RETURNS_64_BIT_1), ["Verify"], FACTS, HOLE),
    Bad("STL053", "dirty-start", stldr("qpi"), ["qpi"], FACTS, HOLE),
    Bad("STL053", "not-again", stldr("init_once"), ["second time"], FACTS, HOLE),
    Bad("STL054", "stack-too-deep", stldr("deep_stack"), ["1024"], FACTS, HOLE),
    Bad("STL055", "writes-outside", stldr("writes_outside"), ["0x00000040"], FACTS, HOLE),
    Bad("STL056", "register-changed", stldr("clobbers_r4"), ["Write", "r4"], FACTS, HOLE),
    Bad("STL057", "on-cortex-m0", stldr("sets_vtor"), ["VTOR", "SysTick"], FACTS, HOLE),
    Bad("STL057", "takes-interrupts", stldr("sets_vtor"), ["SysTick"], ON_M7, HOLE),
    Bad("STL058", "polls-for-ever", stldr("polls_forever"), ["SectorErase"], FACTS, HOLE),
    Bad("FLM070", "cannot-fail", flm("verify_cannot_fail"), ["Verify"], FACTS),
    Bad("FLM070", "equal-refused", flm(Verify=RETURNS_0), ["Verify"], FACTS, ("FLM011",)),
    Bad("FLM071", "data-called-blank", flm("blank_check_says_blank"), ["BlankCheck"], FACTS, ("FLM011",)),
    Bad("FLM075", "stack-too-deep", flm("deep_stack"), ["512"], FACTS),
    Bad("FLM076", "register-changed", flm("clobbers_r4"), ["ProgramPage", "r4"], FACTS),
    Bad("FLM077", "dirty-start", flm("four_byte"), ["4-byte"], FACTS),
    Bad("FLM077", "not-again", flm("init_once"), ["second time"], FACTS),
    Bad("FLM078", "writes-outside", flm("writes_outside"), ["0x00000040"], FACTS),
    Bad("FLM079", "polls-for-ever", flm("polls_forever"), ["EraseSector"], FACTS),
    Bad("FLM080", "not-movable", flm("link_address"), ["programming a page"], FACTS),
    Bad("FLM081", "erases-beyond", flm("erases_beyond"), ["0x90002000..0x90002fff"], FACTS),
    Bad("FLM082", "does-not-return", flm(EraseSector=BRANCH_TO_ITSELF), ["EraseSector"], FACTS, ("FLM073",)),
    Bad("FLM082", "not-done", flm(EraseSector=RETURNS_0), ["erase"], FACTS),
    Bad("IAR050", "not-harmless", iar("smoke"), ["FlashEraseWriteEntry"], FACTS),
    Bad("IAR051", "bad-layout", iar(FlashInit=OVERRIDES_LAYOUT), ["layout"], FACTS, DEBUG),
    Bad("IAR051", "unknown-result", iar(FlashInit=RETURNS_7), ["7"], FACTS, DEBUG),
    Bad("IAR052", "erases-beyond", iar("erases_beyond"), ["0x90002000..0x90002fff"], FACTS),
    Bad("IAR053", "stack-too-deep", iar("deep_stack"), ["1024"], FACTS),
    Bad("IAR054", "writes-outside", iar("writes_outside"), ["0x00000040"], FACTS),
    Bad("IAR055", "dirty-start", iar("busy"), ["busy"], FACTS),
    Bad("IAR055", "not-again", iar("second_session"), ["second time"], FACTS),
    Bad("IAR056", "polls-for-ever", iar("polls_forever"), ["FlashEraseWriteEntry"], FACTS),
    Bad("IAR057", "does-not-return", iar(FlashErase=BRANCH_TO_ITSELF), ["FlashEraseWriteEntry"], FACTS, DEBUG),
    Bad("IAR057", "not-done", iar(FlashErase=RETURNS_0), ["erase"], FACTS, DEBUG),
]

GOOD = [
    *(Good(f"STL0{number}", stldr(), FACTS) for number in range(50, 59)),
    *(Good(f"FLM0{number}", flm(), FACTS) for number in (70, 71, *range(75, 83))),
    *(Good(f"IAR0{number}", iar(), FACTS) for number in range(50, 58)),
]
