"""An FLM at an address that the test chooses, called routine by routine (docs/formats/flm.md, How hosts drive it)."""

from loaderconv.hosts.call import BREAKPOINT_WORD, CallFrame, call_routine
from loaderconv.hosts.core import Budget, Core
from loaderconv_formats.flm import abi
from loaderconv_schemas.loader import Loader

_BUDGET = Budget(instructions=20_000_000)


class FlmCalls:
    """A loader in the memory of a core."""

    def __init__(self, core: Core, loader: Loader, base: int, *, stack_top: int, return_address: int) -> None:
        """Write the image to `base` and up, with its zeros, and a BKPT to the return address."""
        self._core = core
        self._loader = loader
        self._base = base
        static_base = loader.placement.static_base
        self._frame = CallFrame(stack_top, return_address, None if static_base is None else static_base + base)
        core.write_memory(return_address, BREAKPOINT_WORD)
        for segment in loader.image_segments:
            core.write_memory(segment.address + base, segment.data.ljust(segment.memory_size_bytes, b"\0"))

    def call(self, symbol: str, *arguments: int) -> int:
        """Call a routine and return r0."""
        entry = self._loader.entry_point(abi.ROUTINES[symbol])
        assert entry is not None, symbol
        address = self._base + entry.address
        return call_routine(self._core, self._frame, symbol, address, arguments, _BUDGET).low_word
