"""Files for the rules on packs and on what they say of FLMs."""

from collections.abc import Mapping
from pathlib import Path

from loaderconv.lint.facts import RamMap, UserFacts
from loaderconv_schemas.address_range import AddressRange
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.iar_builder import build as build_iar
from support.iar_recipe import IarRecipe
from support.iar_texts import BASE, BLOCK, PAGE, board_text, flash_text, one_pass
from support.packs import IRAM, algorithm, device, family, pdsc_text, zipped
from support.rule_cases import Bad, Good, Write, writes
from support.stldr_builder import build as build_stldr
from support.stldr_recipe import StldrRecipe

FLM = build(FlmRecipe())
"""64 KiB from 0x08000000 on, page 0x400."""

USUAL = algorithm("Flash/a.FLM")


def pack(*content: str, files: Mapping[str, bytes] | None = None) -> Write:
    """Return what writes a pack with one device, and files below its description."""
    members = {"Flash/a.FLM": FLM} if files is None else files
    return writes("Strict.Examples_DFP.2.1.0.pack", zipped({"Strict.pdsc": _pdsc(*content), **members}))


def folder(*content: str, files: Mapping[str, bytes] | None = None) -> Write:
    """Return what writes the same as files on disk, and names the description."""

    def write(at: Path) -> Path:
        for name, data in ({"Flash/a.FLM": FLM} if files is None else files).items():
            (at / name).parent.mkdir(parents=True, exist_ok=True)
            (at / name).write_bytes(data)
        (at / "Strict.pdsc").write_bytes(_pdsc(*content))
        return at / "Strict.pdsc"

    return write


def in_pack(name: str, data: bytes) -> Write:
    """Return what writes a `.flash` file and its executable below the description of a pack, and names the former."""

    def write(at: Path) -> Path:
        folder(USUAL)(at)
        path = at / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        path.with_name("a.out").write_bytes(build_iar(IarRecipe()))
        return path

    return write


def flash_in_pack(exe: str) -> bytes:
    """Return a `.flash` file that names an executable."""
    return flash_text(f"<exe>{exe}</exe>", PAGE, BLOCK, BASE)


def ram(size_bytes: int, *others: int) -> UserFacts:
    """Return what a user says of a chip with RAM of these sizes."""
    sizes = (size_bytes, *others)
    ranges = [AddressRange(start=0x2000_0000 + (n << 20), size_bytes=size) for n, size in enumerate(sizes)]
    return UserFacts(ram=RamMap(tuple(ranges), "--ram"))


def flm(recipe: FlmRecipe) -> Write:
    """Return what writes an FLM."""
    return writes("built.FLM", build(recipe))


def _pdsc(*content: str) -> bytes:
    return pdsc_text(family(device("STRICT1", IRAM, *content)))


LARGE = FlmRecipe(rw=bytes(0x2100))
"""An image of more than 8 KiB."""

QSPI = FlmRecipe(rw=bytes(0x1240), page_size_bytes=0x1000)
"""As large as the QSPI algorithms of the STM32F7 pack, which get RAMsize 0x1000."""

STLDR = build_stldr(StldrRecipe())

IAR_ALGORITHM = algorithm("FlashIAR/a.flash", style="IAR")

BAD = (
    Bad("FLM060", "image-too-large", flm(QSPI), ("0x1000 bytes of RAM", "512 bytes"), ram(0x1000)),
    Bad("FLM060", "no-room-for-page", flm(QSPI), ("a page of 0x1000", "0x2000 bytes of RAM"), ram(0x2000)),
    Bad("FLM060", "little-stack", flm(LARGE), ("a page of 0x400", "bytes of stack"), ram(0x3000)),
    Bad(
        "FLM061",
        "size-beyond-device",
        pack(algorithm("Flash/a.FLM", size="0x00100000"), files={"Flash/a.FLM": build(FlmRecipe(size_bytes=0x80000))}),
        ('"Flash/a.FLM" of STRICT1', "0x100000 bytes", "szDev 0x80000"),
    ),
    Bad(
        "FLM061",
        "start-outside",
        folder(algorithm("Flash/a.FLM", start="0x0C000000")),
        ("0x0c000000", "0x08000000 with szDev 0x10000"),
    ),
    Bad("FLM062", "no-range", pack(algorithm("Flash/a.FLM", size=None)), ("has no size",)),
    Bad("FLM062", "no-number", pack(algorithm("Flash/a.FLM", size="64K")), ('size="64K"',)),
    Bad("FLM062", "half-a-ram", pack(algorithm("Flash/a.FLM", RAMstart="0x20000000")), ("RAMstart only",)),
    Bad("FLM062", "unknown-attribute", pack(algorithm("Flash/a.FLM", startup="1")), ('attribute "startup"',)),
    Bad("FLM062", "unknown-attribute", pack(algorithm("Flash/a.FLM", Ramsize="0x1000")), ('attribute "Ramsize"',)),
    Bad("FLM062", "backslash", folder(algorithm("Flash\\a.FLM")), ("backslashes",)),
    Bad("FLM062", "case", folder(algorithm("FLASH/A.flm")), ("than the file Flash/a.FLM",)),
    Bad("FLM063", "no-name", pack(algorithm("")), ("STRICT1 names no file",)),
    Bad("FLM063", "outside", folder(algorithm("../a.FLM")), ("leads out of the pack",)),
    Bad("FLM063", "missing", pack(algorithm("Flash/b.FLM")), ('"Flash/b.FLM" of STRICT1 is not in the pack',)),
    Bad("FLM063", "unreadable", pack(USUAL, files={"Flash/a.FLM": FLM[:100]}), ("no flash algorithm: ",)),
    Bad("FLM063", "other-loader", folder(USUAL, files={"Flash/a.FLM": STLDR}), ("but an STM32Cube external loader",)),
    Bad(
        "FLM064",
        "two-defaults",
        pack(USUAL, algorithm("Flash/dual.FLM"), files={"Flash/a.FLM": FLM, "Flash/dual.FLM": FLM}),
        ("STRICT1 has two default", 'addresses: "Flash/dual.FLM" and "Flash/a.FLM" in line 2'),
    ),
    Bad(
        "IAR032",
        "other-pack",
        in_pack("FlashIAR/a.flash", flash_in_pack(r"${CMSIS_PACK_PATH_Strict#Examples_DFP#2.0.0}$\FlashIAR\a.out")),
        ("<exe>", "Strict.Examples_DFP.2.0.0", "is in Strict.Examples_DFP.2.1.0"),
    ),
)

GOOD = (
    Good("FLM060", flm(FlmRecipe()), ram(0x1000)),
    Good("FLM060", flm(LARGE), ram(0x400, 0x4000)),
    Good("FLM061", pack(USUAL)),
    Good("FLM061", pack(algorithm("Flash/a.FLM", size="0x8000"))),
    Good("FLM061", pack(algorithm("Flash/a.FLM", start="0x08008000", size="32768"))),
    Good("FLM062", pack(algorithm("Flash/a.FLM", RAMstart="0x20000000", RAMsize="0x1000", Pname="CM7", parameter="x"))),
    Good("FLM062", folder(algorithm("./Flash/b/../a.FLM"))),
    Good("FLM063", folder(USUAL)),
    Good("FLM063", pack(IAR_ALGORITHM, files={"FlashIAR/a.flash": flash_in_pack("a.out")})),
    Good("FLM063", pack(algorithm("Flash/a.bin", style="CMSIS"), files={"Flash/a.bin": b"?"})),
    Good("FLM064", pack(USUAL, algorithm("Flash/dual.FLM", default="0"), IAR_ALGORITHM)),
    Good("FLM064", pack(USUAL, f'<variant Dvariant="V">{algorithm("Flash/dual.FLM")}</variant>')),
    Good("FLM064", pack(USUAL, algorithm("Flash/high.FLM", start="0x08010000"))),
    Good(
        "IAR032",
        in_pack("FlashIAR/a.flash", flash_in_pack(r"${CMSIS_PACK_PATH_Strict#Examples_DFP#2.1.0}$\FlashIAR\a.out")),
    ),
    Good("IAR032", writes("alone.flash", flash_in_pack(r"$PROJ_DIR$\a.out"))),
    Good("IAR032", writes("alone.board", board_text(one_pass()))),
)
