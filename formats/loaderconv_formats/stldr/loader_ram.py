"""In which RAM of a chip STM32CubeProgrammer wants an external loader."""

import re
from collections.abc import Iterable

from loaderconv_schemas.address_range import AddressRange

_AXI_SRAM = 0x2400_0000

_STM32H7 = re.compile(r"STM32H7(?![RS])", re.IGNORECASE)
"""H7R and H7S are another family: ST's own scripts for it put the code at 0x20000004."""


def loader_ram(chip_name: str, ram: Iterable[AddressRange], default_ram: AddressRange) -> AddressRange:
    """Return the AXI SRAM for an STM32H7, since loaders failed in its DTCM, and `default_ram` for all other chips.

    A processor of an STM32H7 that has no such RAM, the Cortex-M4, gets `default_ram` too.
    Source: docs/formats/stldr.md, Accepted and rejected (load base), What real files look like (H7RS).
    """
    if _STM32H7.match(chip_name) is None:
        return default_ram
    return next((each for each in ram if each.start == _AXI_SRAM), default_ram)
