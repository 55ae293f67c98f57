"""An ideal FLM (docs/formats/flm.md, Entry points): strict about phases, pages and sectors."""

from dataclasses import dataclass

from loaderconv.simulation.source_view import SourceView
from loaderconv.simulation.stand_in import SourceCall

_ERASE, _PROGRAM, _VERIFY = 1, 2, 3
_DONE, _FAILED = 0, 1
_PHASES = {"EraseSector": _ERASE, "EraseChip": _ERASE, "ProgramPage": _PROGRAM, "Verify": _VERIFY, "Read": _VERIFY}
_WORD_BYTES = 4


@dataclass
class IdealFlm:
    """The driver.

    Attributes:
        view: what it works on.
        init_address: the start of the device as its Init is told.
        clock_hz: likewise the clock.
        wants_blank_pages: a page that holds data takes no more, as in flash with ECC.
        compares_words: Verify must not be asked for parts of words, since there is another way.
    """

    view: SourceView
    init_address: int
    clock_hz: int
    wants_blank_pages: bool
    compares_words: bool
    _phase: int | None = None

    def reset(self) -> None:
        """Be in no phase."""
        self._phase = None
        self.view.flash.closed_by = "Init has not been called"

    def objection(self, call: SourceCall) -> str | None:
        """Return what breaks the rules."""
        first, second, third, _ = call.arguments
        match call.routine:
            case "Init":
                return self._unfit_init(first, second, third)
            case "UnInit":
                return None if self._phase == first else f"UnInit({first}) in {self._shown}"
            case _ if self._phase != _PHASES[call.routine]:
                return f"it belongs to phase {_PHASES[call.routine]}, this is {self._shown}"
            case "EraseChip":
                return None
            case "EraseSector":
                return self.view.no_sector(first)
            case _:
                return self._unfit_transfer(call.routine, first, second, third)

    def perform(self, call: SourceCall) -> int:
        """Do it."""
        first, second, third, _ = call.arguments
        match call.routine:
            case "Init":
                self._enter(third)
            case "UnInit":
                self._leave()
            case "EraseSector":
                self.view.erase_sector(first)
            case "EraseChip":
                self.view.erase_all()
            case "ProgramPage":
                if self.wants_blank_pages and not self.view.flash.is_blank(self.view.offset(first), second):
                    return _FAILED
                self.view.program(first, third, second)
            case "Verify":
                return self._verify(first, second, third)
            case _:
                self.view.core.write_memory(third, self.view.held(first, second))
        return _DONE

    def refuse(self, call: SourceCall) -> int:
        """Answer 1, Verify the first address; a phase has not begun, or has ended all the same."""
        if call.routine in ("Init", "UnInit"):
            self._phase = None
            self.view.flash.closed_by = f"{call.routine} failed"
        return call.arguments[0] if call.routine == "Verify" else _FAILED

    @property
    def _shown(self) -> str:
        return "no phase" if self._phase is None else f"phase {self._phase}"

    def _enter(self, phase: int) -> None:
        self._phase = phase
        self.view.flash.closed_by = None if phase == _VERIFY else f"the FLM is in {self._shown}"

    def _leave(self) -> None:
        """Tools read the memory after UnInit, whatever the phase was."""
        self._phase = None
        self.view.flash.closed_by = None

    def _unfit_init(self, address: int, clock_hz: int, phase: int) -> str | None:
        if self._phase is not None:
            return f"there was no UnInit after {self._shown}"
        expected = (self.init_address, self.clock_hz)
        if (address, clock_hz) != expected or phase not in (_ERASE, _PROGRAM, _VERIFY):
            return f"it takes 0x{expected[0]:08x}, {expected[1]} and a phase from {_ERASE} to {_VERIFY}"
        return None

    def _unfit_transfer(self, routine: str, address: int, size_bytes: int, buffer: int) -> str | None:
        if routine == "ProgramPage":
            return self._unfit_page(address, size_bytes) or self._unfit_data(address, size_bytes, buffer)
        if routine == "Verify":
            return self._unfit_words(address, size_bytes) or self.view.unfit_buffer(buffer, size_bytes)
        return self.view.outside(address, size_bytes)

    def _unfit_page(self, address: int, size_bytes: int) -> str | None:
        """Check that a page is programmed as a whole; the end of the device may cut the last one short."""
        page = self.view.device.page_size_bytes
        offset = self.view.offset(address)
        whole = min(page, self.view.device.size_bytes - offset)
        return None if offset % page == 0 and size_bytes == whole else f"{size_bytes} bytes are not a page of {page}"

    def _unfit_data(self, address: int, size_bytes: int, buffer: int) -> str | None:
        unfit = self.view.outside(address, size_bytes) or self.view.unfit_buffer(buffer, size_bytes)
        if unfit is not None or self.wants_blank_pages:
            return unfit
        return self.view.unerased(address, buffer, size_bytes)

    def _unfit_words(self, address: int, size_bytes: int) -> str | None:
        """Check a range to verify."""
        if self.compares_words and (address | size_bytes) % _WORD_BYTES:
            return "it may compare words only"
        return self.view.outside(address, size_bytes)

    def _verify(self, address: int, size_bytes: int, buffer: int) -> int:
        held, wanted = self.view.held(address, size_bytes), self.view.core.read_memory(buffer, size_bytes)
        differing = next((number for number in range(size_bytes) if held[number] != wanted[number]), size_bytes)
        return address + differing
