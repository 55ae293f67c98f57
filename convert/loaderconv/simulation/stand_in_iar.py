"""An ideal loader of IAR's framework 2 by the functions behind its stubs (docs/formats/iar.md, Protocol)."""

from dataclasses import dataclass

from loaderconv.hosts.framework2 import (
    FLAG_MASS_ERASE,
    RESULT_ERASE_DONE,
    RESULT_OK,
    RESULT_OVERRIDE_DEVICE,
)
from loaderconv.simulation.source_view import SourceView
from loaderconv.simulation.stand_in import SourceCall
from loaderconv_formats.iar.abi import OVERRIDE_LAYOUT, OVERRIDE_PAGESIZE

_ERROR = 1
_BUFFER_OFFSET_BYTES = 12
_LAYOUT = b"4 0x1000\0".ljust(256, b"\xbb")
"""What FlashInit may leave in its buffer, and garbage behind it."""


@dataclass(frozen=True)
class IarContract:
    """What FlashInit of one loader may expect.

    Attributes:
        init_address: the start of the device as it is told.
        arguments: count and vector.
        parameters: address of theFlashParams.
        signs_off: it has a FlashSignoff, which ends each session and leaves the device readable.
        is_initialised_once: a second FlashInit is a breach.
        overrides_layout: it tells another layout than its files do.
    """

    init_address: int
    arguments: tuple[int, int]
    parameters: int
    signs_off: bool
    is_initialised_once: bool
    overrides_layout: bool


@dataclass
class IdealIar:
    """The driver. Its first FlashInit that is asked for a mass erase does it, others leave it to FlashErase.

    Attributes:
        view: what it works on.
        contract: of its FlashInit.
    """

    view: SourceView
    contract: IarContract
    _is_in_session: bool = False
    _has_erased_all: bool = False

    def reset(self) -> None:
        """Be in no session."""
        self._is_in_session = False
        self.view.flash.closed_by = "FlashInit has not been called"

    def objection(self, call: SourceCall) -> str | None:
        """Return what breaks the rules."""
        first, second, third, fourth = call.arguments
        if call.routine == "FlashInit":
            return self._unfit_init(call)
        if not self._is_in_session:
            return "there is no session"
        match call.routine:
            case "FlashWrite":
                return self._unfit_write(first, second, third, fourth)
            case "FlashErase":
                return self.view.no_sector(first, second)
            case _:
                return None

    def perform(self, call: SourceCall) -> int:
        """Do it."""
        first, second, third, fourth = call.arguments
        match call.routine:
            case "FlashInit":
                return self._init(fourth)
            case "FlashWrite":
                self.view.program(first + second, fourth, third)
            case "FlashErase":
                self.view.erase_sector(first)
            case _:
                self._is_in_session = False
                self.view.flash.closed_by = None
        return RESULT_OK

    def refuse(self, call: SourceCall) -> int:
        """Answer 1; a session has not begun, or has ended all the same."""
        if call.routine in ("FlashInit", "FlashSignoff"):
            self._is_in_session = False
            self.view.flash.closed_by = f"{call.routine} failed"
        return _ERROR

    def _init(self, flags: int) -> int:
        self._is_in_session = True
        self.view.flash.closed_by = "the session has not ended" if self.contract.signs_off else None
        self.view.core.write_memory(self._buffer, _LAYOUT)
        result = RESULT_OVERRIDE_DEVICE | OVERRIDE_LAYOUT | OVERRIDE_PAGESIZE
        if flags & FLAG_MASS_ERASE and not self._has_erased_all:
            self._has_erased_all = True
            self.view.erase_all()
            return RESULT_ERASE_DONE
        return result if self.contract.overrides_layout else RESULT_OK

    @property
    def _buffer(self) -> int:
        word = self.view.core.read_memory(self.contract.parameters + _BUFFER_OFFSET_BYTES, 4)
        return int.from_bytes(word, "little")

    def _unfit_init(self, call: SourceCall) -> str | None:
        device = self.view.device
        expected = (self.contract.init_address, device.size_bytes, device.base_address)
        if self._is_in_session and (self.contract.signs_off or self.contract.is_initialised_once):
            return "the session has not ended"
        if call.arguments[:3] != expected or call.arguments[3] not in (0, FLAG_MASS_ERASE):
            shown = ", ".join(f"0x{value:08x}" for value in expected)
            return f"it takes {shown} and as flags 0 or {FLAG_MASS_ERASE}"
        if call.stacked != self.contract.arguments:
            return f"argc and argv are {call.stacked[0]} and 0x{call.stacked[1]:08x}"
        return self.view.unfit_buffer(self._buffer, max(len(_LAYOUT), device.page_size_bytes))

    def _unfit_write(self, block: int, offset: int, size_bytes: int, buffer: int) -> str | None:
        page, device = self.view.device.page_size_bytes, self.view.device
        start = self.view.offset(block) + offset
        sector_bytes = self.view.sector_bytes(block)
        if sector_bytes is None or offset + size_bytes > sector_bytes:
            return f"0x{block:08x} is no block that holds {size_bytes} bytes at offset {offset}"
        if start % page or (size_bytes % page and start + size_bytes != device.size_bytes):
            return f"{size_bytes} bytes at offset {offset} are not made of pages of {page} bytes"
        return (
            self.view.outside(block + offset, size_bytes)
            or self.view.unfit_buffer(buffer, size_bytes)
            or self.view.unerased(block + offset, buffer, size_bytes)
        )
