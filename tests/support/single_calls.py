"""One erase or one write as a host of any flavour asks for it, without the caution that hosts have."""

from loaderconv.hosts.c_spy import CSpyHost
from loaderconv.hosts.cube_programmer import CubeProgrammerHost
from loaderconv.hosts.framework2 import ERASE_LIST_ENTRY, Parameters
from loaderconv.hosts.uvision import UVisionHost
from loaderconv_schemas.entry_point import Routine
from support.matrix import Converted


def program_call(result: Converted, address: int, size_bytes: int) -> bool:
    """Ask for some bytes from the host's buffer, whatever it holds; return whether that succeeded."""
    host = result.host
    if isinstance(host, CubeProgrammerHost):
        return host.call(Routine.PROGRAM_PAGE, address, size_bytes, host.buffer.start).low_word == 1
    if isinstance(host, UVisionHost):
        host._calls.call(Routine.INIT, 0, 0, 2)
        return host._calls.call(Routine.PROGRAM_PAGE, address, size_bytes, host.buffer.start).low_word == 0
    assert isinstance(host, CSpyHost)
    return _c_spy(result, Routine.PROGRAM_PAGE, address, size_bytes, 0) == 0


def erase_call(result: Converted, address: int) -> bool:
    """Ask for the sector at an address; return whether that succeeded."""
    host = result.host
    if isinstance(host, CubeProgrammerHost):
        return host.call(Routine.ERASE_SECTOR, address, address).low_word == 1
    if isinstance(host, UVisionHost):
        host._calls.call(Routine.INIT, 0, 0, 1)
        return host._calls.call(Routine.ERASE_SECTOR, address).low_word == 0
    assert isinstance(host, CSpyHost)
    result.core.write_memory(host.buffer.start, ERASE_LIST_ENTRY.pack(address % (1 << 32), 1))
    return _c_spy(result, Routine.ERASE_SECTOR, 0, 1, 0) == 0


def _c_spy(result: Converted, routine: Routine, base: int, count: int, block_size: int) -> int:
    """Run a stub within the session that the host has begun; return the result."""
    host = result.host
    assert isinstance(host, CSpyHost)
    parameters = Parameters(base=base, count=count, block_size=block_size)
    return host._calls.call(routine, parameters).result
