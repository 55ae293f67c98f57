"""Hands accesses of the code on to the windows of devices."""

from collections.abc import Callable
from dataclasses import dataclass

from loaderconv.emulator.access import Access, Kind
from loaderconv.emulator.devices.peripheral import Window
from loaderconv.emulator.memory_map import Span


@dataclass(frozen=True)
class CoreSide:
    """What an access needs of the core that makes it.

    Attributes:
        begins: counts it; False where the run is over and nothing counts any more.
        pc: returns where the core stands.
        misses: ends the run, for nothing is there: kind of the access, address, size in bytes.
        fails: ends the run by what a model or a listener raised: window, offset, error.
    """

    begins: Callable[[], bool]
    pc: Callable[[], int]
    misses: Callable[[Kind, int, int], None]
    fails: Callable[[Window, int, BaseException], None]


class WindowAccess:
    """What Unicorn calls for the accesses to one span."""

    def __init__(self, span: Span, core: CoreSide, tell: Callable[[Access], None] | None) -> None:
        """Stand between code and devices.

        Args:
            span: the windows.
            core: whose accesses they are.
            tell: told of each access to one of the windows.
        """
        self._start = span.range.start
        self._window_at = span.at
        self._core = core
        self._tell = tell

    def read(self, _uc: object, offset: int, size_bytes: int, _data: object) -> int:
        """Return what a device answers, 0 where the run ends by it."""
        core, tell = self._core, self._tell
        if not core.begins():
            return 0
        window, inside = self._window_at(offset)
        if window is None:
            core.misses("r", self._start + offset, size_bytes)
            return 0
        try:
            value = window.read(inside, size_bytes)
            if tell is not None:
                tell(Access("r", self._start + offset, size_bytes, value, core.pc))
        except BaseException as error:  # noqa: BLE001 - raised again by the run, if it is not the model's answer
            core.fails(window, inside, error)
            return 0
        return value

    def write(self, _uc: object, offset: int, size_bytes: int, value: int, _data: object) -> None:
        """Hand a value on."""
        core, tell = self._core, self._tell
        if not core.begins():
            return
        window, inside = self._window_at(offset)
        if window is None:
            core.misses("w", self._start + offset, size_bytes)
            return
        try:
            if tell is not None:
                tell(Access("w", self._start + offset, size_bytes, value, core.pc))
            window.write(inside, size_bytes, value)
        except BaseException as error:  # noqa: BLE001 - as above
            core.fails(window, inside, error)
