"""An ideal stldr (docs/formats/stldr.md, Entry points): Init prepares everything, and only Init leaves it mapped."""

from dataclasses import dataclass

from loaderconv.simulation.source_view import SourceView
from loaderconv.simulation.stand_in import SourceCall

_DONE, _FAILED = 1, 0


@dataclass
class IdealStldr:
    """The driver.

    Attributes:
        view: what it works on.
    """

    view: SourceView
    _is_ready: bool = False

    def reset(self) -> None:
        """Be without Init."""
        self._is_ready = False
        self.view.flash.closed_by = "Init has not been called"

    def objection(self, call: SourceCall) -> str | None:
        """Return what breaks the rules."""
        first, second, third, _ = call.arguments
        if call.routine == "Init":
            return None
        if not self._is_ready:
            return "there was no Init, or none since a failure"
        match call.routine:
            case "Write":
                return (
                    self.view.outside(first, second)
                    or self.view.unfit_buffer(third, second)
                    or self.view.unerased(first, third, second)
                )
            case "Read":
                return self.view.flash.closed_by or self.view.outside(first, second)
            case "SectorErase":
                unfit = None if first == second else "start and end are not the same address"
                return unfit or self.view.no_sector(first)
            case _:
                return None if first == 0 else "hosts pass a parallelism of 0"

    def perform(self, call: SourceCall) -> int:
        """Do it."""
        first, second, third, _ = call.arguments
        match call.routine:
            case "Init":
                self._is_ready = True
                self.view.flash.closed_by = None
                return _DONE
            case "Read":
                self.view.core.write_memory(third, self.view.held(first, second))
                return _DONE
            case "Write":
                self.view.program(first, third, second)
            case "SectorErase":
                self.view.erase_sector(first)
            case _:
                self.view.erase_all()
        self.view.flash.closed_by = f"{call.routine} left the mapped mode"
        return _DONE

    def refuse(self, call: SourceCall) -> int:
        """Answer 0; after that only Init helps."""
        self._is_ready = False
        self.view.flash.closed_by = f"{call.routine} failed"
        return _FAILED
