"""The fields of StorageInfo that describe the memory as a whole."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.stldr.storage_info import KINDS
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_USUAL_ERASED_VALUE = 0xFF


@rule("STL022", Severity.WARNING, StldrFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def device_type_is_known(file: StldrFile) -> Iterator[Problem]:
    """DeviceType is one of ST's numbers, 1 to 10.

    What it checks:
        The 16 bits of DeviceType.

    Why it matters:
        ST defines 1 to 10, from MCU_FLASH to I2C_EEPROM. What hosts make of another number is not known; the type
        decides whether memory is read through Read and how long an erase may take.

    Example:
        11,   /* UART bridge */

    How to fix:
        Take one of the names in ST's Dev_Inf.h: NOR_FLASH (3) for a memory that Init maps, SPI_FLASH (7) for one that
        Read reads.

    Source:
        docs/formats/stldr.md, StorageInfo.
    """
    if file.info.type_code not in KINDS:
        yield Problem(
            "unknown-type",
            f"DeviceType is {file.info.type_code}; ST defines 1 to {max(KINDS)}.",
            "Take a type from ST's Dev_Inf.h, such as NOR_FLASH or SPI_FLASH.",
            file.at_info("DeviceType"),
        )


@rule("STL023", Severity.ERROR, StldrFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def device_has_a_range(file: StldrFile) -> Iterator[Problem]:
    """DeviceSize is not 0, and the memory ends within 32 bits.

    What it checks:
        DeviceSize, and DeviceStartAddress + DeviceSize.

    Why it matters:
        A size of 0 leaves no address to program; ST's OpenOCD makes a bank without bytes of it. Beyond 0xffffffff
        addresses start at 0 again, and ends are smaller than starts.

    Example:
        0x90000000, 0x0, 0x100,   /* DeviceStartAddress, DeviceSize, PageSize */

    How to fix:
        Write the size of the memory in bytes. A memory of 4 GiB needs several loaders.

    Source:
        docs/formats/stldr.md, StorageInfo.
    """
    info = file.info
    if not info.size_bytes:
        yield Problem(
            "no-size",
            "DeviceSize is 0.",
            "Write the size of the memory in bytes.",
            file.at_info("DeviceSize"),
            hosts={Host.ST_OPENOCD: Verdict.LOSS},
        )
    elif info.base_address + info.size_bytes > ADDRESS_SPACE_BYTES:
        yield Problem(
            "wraps",
            f"The memory starts at 0x{info.base_address:08x} and has 0x{info.size_bytes:x} bytes, which goes beyond"
            " 0xffffffff.",
            "Correct DeviceStartAddress or DeviceSize.",
            file.at_info("DeviceSize"),
        )


@rule("STL027", Severity.NOTE, StldrFile, needs=(Fact.SYMBOLS, Fact.DESCRIPTOR))
def erased_value_is_usual(file: StldrFile) -> Iterator[Problem]:
    """EraseValue is 0xff.

    What it checks:
        The byte EraseValue.

    Why it matters:
        NOR and NAND flash read 0xff where nothing is programmed, and all 444 public loaders say so. Hosts fill gaps
        with this value, so that a wrong one programs bytes that were meant to stay erased.

    Example:
        0x00,   /* Initial Content of Erased Memory */

    How to fix:
        Write 0xFF, unless the memory really reads otherwise after an erase.

    Source:
        docs/formats/stldr.md, StorageInfo.
    """
    if file.info.erased_value != _USUAL_ERASED_VALUE:
        yield Problem(
            "unusual",
            f"EraseValue is 0x{file.info.erased_value:02x}; all known loaders have 0xff.",
            "Write 0xFF, unless the memory really reads otherwise after an erase.",
            file.at_info("EraseValue"),
        )


RULES: tuple[AnyRule, ...] = (device_type_is_known, device_has_a_range, erased_value_is_usual)
