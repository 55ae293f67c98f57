"""What FlashDevice says of the device besides its geometry."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.flm.flash_device import KINDS
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_MAX_STLDR_NAME_LENGTH = 99
"""StorageInfo has 100 bytes for the name and its NUL."""


@rule("FLM042", Severity.WARNING, FlmFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR), is_fixable=True)
def device_name(file: FlmFile) -> Iterator[Problem]:
    """DevName is printable ASCII, ends with a NUL, and fits elsewhere too.

    What it checks:
        The 128 bytes of DevName: text of 1 to 99 printable ASCII characters, a NUL, zeros.

    Why it matters:
        Tools show the name up to the NUL; without one they read on into the next field. pyOCD decodes all 128 bytes as
        ASCII where a pack has no memory for the algorithm, and fails on others. A stldr has room for 99 characters.
        Bytes behind the NUL are harmless to most; 60 of 429 public files have them.

    Example:
        "µC Flash 64 kB", /* DevName */

    How to fix:
        Write a shorter ASCII name into FlashDev.c. For bytes behind the NUL: loaderconv lint --fix.

    Source:
        docs/formats/flm.md, Descriptor; What breaks a naive parser; Geometry and the rest of the descriptor.
    """
    place = file.at_device("DevName")
    name, nul, behind = file.info.name.partition(b"\0")
    decodes = file.info.name.isascii()
    pyocd = {} if decodes else {Host.PYOCD: Verdict.LOSS}
    if not name:
        yield Problem("empty", "DevName is empty.", "Name the device in FlashDev.c.", place)
    elif not name.isascii() or not name.decode("ascii").isprintable():
        yield Problem(
            "not-ascii",
            f"DevName holds characters that are not printable ASCII: {name.decode('latin-1')!a}.",
            "Use printable ASCII characters only.",
            place,
            severity=Severity.ERROR,
            hosts=pyocd,
        )
    elif not nul:
        yield Problem(
            "unterminated",
            f"DevName fills all {len(name)} bytes without a NUL.",
            f"Shorten it to at most {_MAX_STLDR_NAME_LENGTH} characters.",
            place,
            severity=Severity.ERROR,
        )
    elif len(name) > _MAX_STLDR_NAME_LENGTH:
        yield Problem(
            "too-long",
            f"DevName has {len(name)} characters; a stldr of the same device has room for {_MAX_STLDR_NAME_LENGTH}.",
            f"Shorten it to at most {_MAX_STLDR_NAME_LENGTH} characters.",
            place,
        )
    elif any(behind):
        count = len(behind) - behind.count(0)
        yield Problem(
            "junk",
            f"DevName has {count} {'byte that is' if count == 1 else 'bytes that are'} not 0 behind its NUL.",
            "Fill the rest of the field with zeros, or let lint --fix do it.",
            place,
            severity=Severity.NOTE,
            hosts=pyocd,
            is_fixable=True,
        )


@rule("FLM043", Severity.WARNING, FlmFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def device_type(file: FlmFile) -> Iterator[Problem]:
    """DevType is one of ONCHIP, EXT8BIT, EXT16BIT, EXT32BIT and EXTSPI.

    What it checks:
        DevType against the numbers 1 to 5 of FlashOS.h. 0 (UNKNOWN) is a note.

    Why it matters:
        Tools show it, and conversions choose the type of the new loader by it. All public FLMs have one of the five.

    Example:
        0, /* DevType */

    How to fix:
        Use ONCHIP for flash of the chip, EXTSPI for a serial flash, EXT8BIT to EXT32BIT for a flash on a parallel bus.

    Source:
        docs/formats/flm.md, Descriptor; Device types.
    """
    code = file.info.type_code
    if code == 0:
        yield Problem(
            "unknown",
            "DevType is 0 (UNKNOWN).",
            "Say what the device is: ONCHIP, EXTSPI or EXT8BIT to EXT32BIT.",
            file.at_device("DevType"),
            severity=Severity.NOTE,
        )
    elif code not in KINDS:
        yield Problem(
            "undefined",
            f"DevType is {code}; FlashOS.h defines 0 to {max(KINDS)}.",
            "Use ONCHIP, EXTSPI or EXT8BIT to EXT32BIT.",
            file.at_device("DevType"),
        )


@rule("FLM051", Severity.WARNING, FlmFile, hosts={Host.PROBE_RS: Verdict.LOSS}, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def time_limits(file: FlmFile) -> Iterator[Problem]:
    """The time limits toProg and toErase are not 0.

    What it checks:
        toProg (ProgramPage) and toErase (EraseSector), in milliseconds.

    Why it matters:
        Hosts give up after this time. probe-rs takes the number as it is, so that with 0 a call fails
        unless it is over at the first look. All public FLMs have limits, from 100 ms to 40 s.

    Example:
        0, /* toProg */

    How to fix:
        Write the longest time that the data sheet gives for a page and for a sector, with some reserve.

    Source:
        docs/formats/flm.md, Descriptor; How hosts drive it.
    """
    if not file.info.program_timeout_ms:
        yield Problem(
            "no-program-timeout",
            "The time limit of ProgramPage, toProg, is 0 ms.",
            "Set toProg to the longest time for a page, with some reserve.",
            file.at_device("toProg"),
        )
    if not file.info.erase_timeout_ms:
        yield Problem(
            "no-erase-timeout",
            "The time limit of EraseSector, toErase, is 0 ms.",
            "Set toErase to the longest time for a sector, with some reserve.",
            file.at_device("toErase"),
        )


@rule("FLM052", Severity.WARNING, FlmFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def erased_value(file: FlmFile) -> Iterator[Problem]:
    """An erased byte reads as 0xFF.

    What it checks:
        valEmpty. 0x00 is a note, since there are memories that erase to zeros.

    Why it matters:
        Hosts fill up pages and tell blank memory by this byte. Most flash erases to 0xFF (428 of 429 public FLMs), MRAM
        and some on-chip flash to 0x00. With a wrong byte hosts program the padding over what they should leave alone.

    Example:
        0x0F, /* valEmpty */

    How to fix:
        Read an erased sector, and write the value that it has.

    Source:
        docs/formats/flm.md, Descriptor.
    """
    value = file.info.erased_value
    if value != 0xFF:
        yield Problem(
            "not-ff",
            f"valEmpty is 0x{value:02X}; nearly all flash erases to 0xFF.",
            "Make sure that an erased byte of the device has this value.",
            file.at_device("valEmpty"),
            severity=Severity.WARNING if value else Severity.NOTE,
        )


RULES: tuple[AnyRule, ...] = (device_name, device_type, time_limits, erased_value)
