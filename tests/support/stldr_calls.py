"""Calls into an stldr over the strict controller, one by one, with nothing of what a host puts around them."""

from typing import NamedTuple

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.strict_controller import StrictController
from loaderconv.hosts.budgets import Budgets
from loaderconv.hosts.call import BREAKPOINT_WORD, CallFrame
from loaderconv.hosts.loader_calls import LoaderCalls
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_formats.stldr import abi
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Loader
from support.paths import FIXTURES

RAM = AddressRange(start=0x2000_0000, size_bytes=8 * 1024)
FAR_RAM = AddressRange(start=0x2402_0000, size_bytes=1024)
BUFFER = RAM.start + 0x1000
"""Where `write` puts its data, above all images."""


class StldrCalls(NamedTuple):
    """A downloaded loader, its processor and its device.

    Attributes:
        loader: what was read of the file.
        core: with the loader in RAM.
        controller: whose memory holds zeros at first, so that a missing erase shows.
    """

    loader: Loader
    core: UnicornCore
    controller: StrictController

    def call(self, routine: Routine, *arguments: int, r9: int | None = None) -> int:
        """Call a routine and return r0."""
        return self.call_for_both_words(routine, *arguments, r9=r9)[0]

    def call_for_both_words(self, routine: Routine, *arguments: int, r9: int | None = None) -> tuple[int, int]:
        """Call a routine and return r0 and r1. Without an `r9` there is garbage in it."""
        frame = CallFrame(stack_top=RAM.end, return_address=RAM.start, static_base=r9)
        calls = LoaderCalls(self.core, self.loader, frame, moved_by=0, success=abi.SUCCESS, budgets=Budgets())
        result = calls.call(routine, *arguments)
        return result.low_word, result.high_word

    def write(self, address: int, data: bytes, *, r9: int | None = None) -> int:
        """Fill the buffer, call Write and return r0."""
        self.core.write_memory(BUFFER, data)
        return self.call(Routine.PROGRAM_PAGE, address, len(data), BUFFER, r9=r9)


def downloaded(stem: str) -> StldrCalls:
    """Download what the file of a fixture holds; all other RAM is painted."""
    controller = StrictController()
    controller.array[:] = bytes(len(controller.array))
    core = UnicornCore(CpuModel.CORTEX_M0, ram=[RAM, FAR_RAM], peripherals=[controller])
    loader = read_loader_file(FIXTURES / f"{stem}.stldr").loader
    core.write_memory(RAM.start, BREAKPOINT_WORD)
    for segment in loader.image_segments:
        core.write_memory(segment.address, segment.data)
    return StldrCalls(loader, core, controller)
