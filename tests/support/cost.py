"""The job by which the cost of a conversion is judged."""

from loaderconv.hosts.host import Host
from loaderconv_schemas.address_range import AddressRange
from support.strict import pattern

SECTORS = 16
SIZE_BYTES = 64 * 1024


def instructions_for_64_kib(host: Host) -> int:
    """Return how many instructions it takes to erase 16 sectors and to program 64 KiB."""
    base = host.device.base_address
    erased = host.erase(AddressRange(start=base, size_bytes=SECTORS * host.device.sectors[0].sector_size_bytes))
    programmed = host.program(base, pattern(SIZE_BYTES))
    assert erased.succeeded
    assert programmed.succeeded
    assert erased.instructions is not None
    assert programmed.instructions is not None
    return erased.instructions + programmed.instructions
