"""FlashDevice as a structure: whether hosts find and read it."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.pyocd_view import read_at, verdict_on_descriptor
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf import constants as c
from loaderconv_formats.flm import abi
from loaderconv_formats.flm.flash_device import HEADER, VERSION
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_FAILS = dict.fromkeys((Host.UVISION, Host.PYOCD), Verdict.LOSS)


@rule(
    "FLM040",
    Severity.ERROR,
    FlmFile,
    hosts={**_FAILS, Host.PROBE_RS: Verdict.REJECTED},
    needs=(Fact.SYMBOLS,),
)
def descriptor_can_be_read(file: FlmFile) -> Iterator[Problem]:
    """FlashDevice is there, as a variable, in bytes that the file loads.

    What it checks:
        The symbol FlashDevice, its type, the 160 bytes behind it up to the end of its section, and that a segment of
        the file has them.

    Why it matters:
        The structure tells the host where the device is, how large its sectors are and how much to program at once.
        probe-rs refuses a file without it. pyOCD takes the file, with a device of size 0, and stops where it finds the
        symbol but not the bytes.

    Example:
        static struct FlashDevice const FlashDevice = { ... };  /* the linker removes it */

    How to fix:
        Define FlashDevice in FlashDev.c, not static, link that file into DevDscr, and keep the section (KEEP in a
        linker script, --keep with armlink).

    Source:
        docs/formats/flm.md, Descriptor; What hosts refuse.
    """
    symbol = file.descriptor
    if symbol is None:
        yield Problem(
            "missing",
            "The file has no symbol FlashDevice, the description of the device.",
            "Link FlashDev.c, and keep FlashDevice from being removed.",
            file.at_symbol(abi.DESCRIPTOR_SYMBOL),
            hosts={**_FAILS, Host.PYOCD: verdict_on_descriptor(file.image), Host.PROBE_RS: Verdict.REJECTED},
        )
    elif len(file.behind(symbol)) < HEADER.size:
        yield Problem(
            "too-short",
            f"FlashDevice has {len(file.behind(symbol))} bytes up to the end of its section; its fixed part alone takes"
            f" {HEADER.size}.",
            "Link the whole structure, with its sector list, into a section with contents.",
            file.at_symbol(symbol),
            hosts={**_FAILS, Host.PYOCD: verdict_on_descriptor(file.image), Host.PROBE_RS: Verdict.REJECTED},
        )
    elif read_at(file.image, symbol.value, HEADER.size) is None:
        yield Problem(
            "not-loaded",
            f"FlashDevice at 0x{symbol.address:08x} lies in no segment of the file, where hosts look for it.",
            "Put its section into a PT_LOAD segment.",
            file.at_symbol(symbol),
            hosts={**_FAILS, Host.PYOCD: verdict_on_descriptor(file.image), Host.PROBE_RS: Verdict.REJECTED},
        )
    elif symbol.type != c.STT_OBJECT:
        yield Problem(
            "not-a-variable",
            f"The symbol FlashDevice at 0x{symbol.address:08x} is not marked as a variable (STT_OBJECT).",
            "Define it in C, or mark it with .type FlashDevice, %object.",
            file.at_symbol(symbol),
            severity=Severity.WARNING,
            hosts={} if symbol.type == c.STT_FUNC else {Host.PYOCD: Verdict.LOSS},
        )


@rule("FLM041", Severity.WARNING, FlmFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def version(file: FlmFile) -> Iterator[Problem]:
    """Vers is 0x0101.

    What it checks:
        The first field of FlashDevice.

    Why it matters:
        It is 0x0100 plus the version of the driver interface, 1, and FlashOS.h says not to modify it. All 429 public
        FLMs have it. Rust's flash-algorithm crate writes 0x0001; pyOCD and probe-rs do not look.

    Example:
        0x0001, /* Vers */

    How to fix:
        Write FLASH_DRV_VERS, as FlashOS.h defines it, into the first field.

    Source:
        docs/formats/flm.md, Descriptor.
    """
    if file.info.version != VERSION:
        yield Problem(
            "version",
            f"Vers is 0x{file.info.version:04x} instead of 0x{VERSION:04x}.",
            "Set the first field of FlashDevice to FLASH_DRV_VERS.",
            file.at_device("Vers"),
        )


@rule("FLM044", Severity.WARNING, FlmFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def reserved_is_zero(file: FlmFile) -> Iterator[Problem]:
    """Res and the padding behind valEmpty are 0.

    What it checks:
        The reserved word of FlashDevice and the three bytes behind valEmpty.

    Why it matters:
        All public FLMs have zeros there. Something else is a sign that the structure was written with other field
        sizes (a packed one, or a 32-bit valEmpty), so that every field behind it is off.

    Example:
        struct FlashDevice packed with #pragma pack(1)

    How to fix:
        Use struct FlashDevice of FlashOS.h as it is.

    Source:
        docs/formats/flm.md, Descriptor.
    """
    info = file.info
    if info.reserved:
        yield Problem(
            "reserved",
            f"The reserved field Res is 0x{info.reserved:08x} instead of 0.",
            "Set Res to 0.",
            file.at_device("Res"),
        )
    if any(info.padding):
        yield Problem(
            "padding",
            f"The three bytes behind valEmpty are {info.padding.hex(' ')} instead of zeros.",
            "Use struct FlashDevice of FlashOS.h, with a valEmpty of one byte and natural alignment.",
            file.at_device("padding"),
        )


RULES: tuple[AnyRule, ...] = (descriptor_can_be_read, version, reserved_is_zero)
