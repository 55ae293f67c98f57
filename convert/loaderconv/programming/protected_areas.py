"""Memory that decides whether a chip can be used and debugged at all: option bytes, OTP, fuses, configuration rows.

What is wrong there locks a chip, some of it for ever. STM32 option bytes and OTP are in the chapters "Embedded Flash
memory" of ST's reference manuals, and in AN2606 for most families.
"""

import re
from dataclasses import dataclass

from loaderconv_schemas.address_range import AddressRange


@dataclass(frozen=True)
class ProtectedArea:
    """An area of such memory on some chips.

    Attributes:
        what: its name, for people.
        range: its addresses.
        family: fits names of devices of these chips; other chips have ordinary memory at the same addresses.
        source: where this is written.
    """

    what: str
    range: AddressRange
    family: re.Pattern[str]
    source: str


def _area(what: str, start: int, size_bytes: int, family: str, source: str) -> ProtectedArea:
    pattern = re.compile(family, re.IGNORECASE)
    return ProtectedArea(what, AddressRange(start=start, size_bytes=size_bytes), pattern, source)


_OPTIONS = "option bytes"
_OTP = "one-time programmable memory"

PROTECTED_AREAS = (
    _area(_OPTIONS, 0x1FFF_F800, 0x10, r"STM32[FGL]|[AG][DT]32|CH32|APM32", "RM0091, RM0008, RM0316; bank 2: RM0351"),
    _area(_OPTIONS, 0x1FFF_C000, 0x10, r"STM32F[24]|[AG][DT]32", "RM0033, RM0090"),
    _area(_OPTIONS, 0x1FFE_C000, 0x10, r"STM32F4|[AG][DT]32", "RM0090, bank 2"),
    _area(_OTP, 0x1FFF_7800, 0x210, r"STM32F[24]", "RM0033, RM0090"),
    _area(_OPTIONS, 0x1FFF_0000, 0x20, r"STM32F7", "RM0385, RM0410, RM0431"),
    _area(_OTP, 0x1FF0_F000, 0x420, r"STM32F7", "RM0385, RM0410"),
    _area(_OTP, 0x1FF0_7800, 0x210, r"STM32F7", "RM0431"),
    _area(_OPTIONS, 0x1FFF_7800, 0x80, r"STM32(L4|G|C0|WL)", "RM0351, RM0444, RM0440, RM0490, RM0453"),
    _area(_OPTIONS, 0x1FF0_0000, 0x28, r"STM32L4", "RM0432, bank 1"),
    _area(_OPTIONS, 0x1FF0_1000, 0x28, r"STM32L4", "RM0432, bank 2"),
    _area(_OPTIONS, 0x1FFF_8000, 0x80, r"STM32WB", "RM0434"),
    _area(_OTP, 0x1FFF_7000, 0x400, r"STM32(L4|G|C0|WL|WB)", "RM0351, RM0444, RM0440, RM0490, RM0453, RM0434"),
    _area(_OPTIONS, 0x1FF8_0000, 0xA0, r"STM32L[01]", "RM0367, RM0038"),
    _area(_OPTIONS, 0x4002_2040, 0x40, r"STM32(L5|U|WBA|H5)", "RM0438, RM0456, RM0493, RM0481"),
    _area(_OPTIONS, 0x4002_3C14, 0x08, r"STM32F[247]", "RM0033, RM0090, RM0385"),
    _area(_OPTIONS, 0x5200_2000, 0x1000, r"STM32H7", "RM0433, RM0455, RM0468, RM0477"),
    _area(_OTP, 0x0BFA_0000, 0x200, r"STM32(L5|U[35])", "RM0438, RM0456, RM0487"),
    _area(_OTP, 0x0BF9_0000, 0x200, r"STM32WBA", "RM0493"),
    _area(_OTP, 0x08FF_F000, 0x800, r"STM32H[57]", "RM0481, RM0455, RM0477"),
    _area("UICR", 0x1000_1000, 0x1000, r"nRF5[12]", "nRF51 Series Reference Manual, nRF52840 Product Specification"),
    _area("UICR", 0x00FF_8000, 0x1000, r"nRF(53|91)", "nRF5340 and nRF9160 Product Specifications"),
    _area("UICR", 0x01FF_8000, 0x1000, r"nRF53", "nRF5340 Product Specification, network core"),
    _area("UICR", 0x00FF_D000, 0x1000, r"nRF54L", "nRF54L15 Datasheet"),
    _area("GPNVM bits", 0x1FFF_FFF0, 0x10, r"SAM[EVS]7", "the address that Microchip's loaders for SAM E70 give them"),
    _area("the user row", 0x0080_4000, 0x200, r"SAM[CDELR]\d", "SAM D21 and SAM D5x/E5x data sheets, NVM User Row"),
    _area("lock bits", 0x0FE0_4000, 0x800, r"E[FM][MR]?32", "EFM32GG Reference Manual, MSC, Lock Bits"),
    _area("NONMAIN", 0x41C0_0000, 0x800, r"MSPM0", "MSPM0 G-Series Technical Reference Manual, NONMAIN"),
    _area(_OTP, 0x0300_0C00, 0x400, r"HC32", "HC32F460 reference manual, chapter on the embedded flash"),
    _area("option-setting memory", 0x0100_A100, 0x200, r"R7FA|\bRA\d", "RA6M4 User's Manual, Option-Setting Memory"),
)
"""Areas by the name of the chip; where a device starts in one of them, its name does not matter.

GD32, AT32, CH32 and APM32 keep option bytes where the STM32 do that they resemble.
"""

TELLING_WORDS = frozenset(
    {
        *("option", "options", "opt", "optionbyte", "optionbytes", "optbytes"),
        *("otp", "uicr", "ficr", "gpnvm", "nonmain", "fuse", "fuses", "efuse", "efuses"),
    }
)
"""Words in the names of devices that hold nothing else, in lower case."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words_of(name: str) -> set[str]:
    """Return the words of a name in lower case: runs of letters, cut where a capital follows a small letter."""
    runs = re.findall(r"[A-Za-z]+", name)
    return {word.lower() for word in (*runs, *(part for run in runs for part in _WORDS.findall(run)))}
