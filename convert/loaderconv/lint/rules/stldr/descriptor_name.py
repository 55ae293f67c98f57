"""DeviceName."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.stldr.storage_info import MAX_NAME_LENGTH
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity
from loaderconv_schemas.text import printable

_SUFFIX = ".stldr"


@rule(
    "STL020",
    Severity.WARNING,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.LOSS},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
    is_fixable=True,
)
def name_is_the_file_name(file: StldrFile) -> Iterator[Problem]:
    """DeviceName is the name of the file without .stldr.

    What it checks:
        DeviceName up to its first NUL against the name of a .stldr file. Files with another suffix (.elf, .axf, .out)
        are not judged: it is the copy that gets the name.

    Why it matters:
        CubeProgrammer 2.18 and later check this, and refuse to erase the whole memory otherwise: "select external
        loader before performing mass erase". Reading and writing work all the same, which is why 73 of 444 public
        loaders have another name.

    Example:
        "QSPI_flashloader_CSP",   /* in Dev_Inf.c of a file called W25Q128_STM32H750.stldr */

    How to fix:
        Rename the file, write its name into Dev_Inf.c, or let lint --fix write it.

    Source:
        docs/formats/stldr.md, Accepted and rejected; confirmed by ST staff in td-p/819326.
    """
    name = file.device_name
    if file.name.suffix != _SUFFIX or not name or not _is_text(name) or len(name) == len(file.info.name):
        return  # STL021 tells of names that cannot be one
    text = name.decode("ascii")
    if text != file.name.stem:
        is_fixable = _can_be_written(file.name.stem)
        yield Problem(
            "other-name",
            f"DeviceName is {text!r}, but the file is called {printable(file.name.name)!r}.",
            "Rename the file or the device, or let lint --fix write the file's name."
            if is_fixable
            else "Rename the file; its name cannot be a DeviceName, which has 1 to 99 printable ASCII characters.",
            file.at_info("DeviceName"),
            is_fixable=is_fixable,
        )


@rule(
    "STL021",
    Severity.ERROR,
    StldrFile,
    hosts={Host.CUBE_PROGRAMMER: Verdict.LOSS},
    needs=(Fact.SYMBOLS, Fact.DESCRIPTOR),
    is_fixable=True,
)
def name_is_text(file: StldrFile) -> Iterator[Problem]:
    """DeviceName is ASCII text that ends with a NUL, and zeros follow.

    What it checks:
        All 100 bytes of the field. Bytes behind the first NUL are a note; 357 of 444 public loaders have some.

    Why it matters:
        CubeProgrammer compares the name with that of the file. A name without a NUL runs on into DeviceType for
        programs in C. What stands behind the NUL, no host reads.

    Example:
        char DeviceName[100] = "W25Q128_STM32F4", and a build number at the end of the field

    How to fix:
        Write 1 to 99 printable ASCII characters, or let lint --fix write the name of the file.

    Source:
        docs/formats/stldr.md, StorageInfo.
    """
    name, field = file.device_name, file.info.name
    fix = "Write 1 to 99 printable ASCII characters, best the name of the file without its suffix."
    place = file.at_info("DeviceName")
    is_fixable = _can_be_written(file.name.stem)
    if not name:
        yield Problem("empty", "DeviceName is empty.", fix, place, is_fixable=is_fixable)
    elif len(name) == len(field):
        yield Problem(
            "unterminated",
            f"DeviceName fills all {len(field)} bytes and does not end with a NUL.",
            fix,
            place,
            is_fixable=is_fixable,
        )
    elif not _is_text(name):
        at, byte = next((at, byte) for at, byte in enumerate(name) if not 0x20 <= byte < 0x7F)
        yield Problem(
            "not-ascii",
            f"DeviceName holds the byte 0x{byte:02x} at {at}, which is not printable ASCII.",
            fix,
            place,
            is_fixable=is_fixable,
        )
    elif field[len(name) :].strip(b"\0"):
        size_bytes = len(field[len(name) :].strip(b"\0"))
        yield Problem(
            "junk",
            f"DeviceName has {size_bytes} byte{'' if size_bytes == 1 else 's'} of something else behind its NUL.",
            "Nothing needs to be done; lint --fix clears them.",
            place,
            severity=Severity.NOTE,
            hosts={},
            is_fixable=True,
        )


def _is_text(name: bytes) -> bool:
    return name.isascii() and name.decode("ascii").isprintable()


def _can_be_written(name: str) -> bool:
    """Tell whether the name of a file can be a DeviceName."""
    return bool(name.strip()) and len(name) <= MAX_NAME_LENGTH and name.isascii() and name.isprintable()


RULES: tuple[AnyRule, ...] = (name_is_the_file_name, name_is_text)
