"""Everything a loader did to its devices, event by event, for `--trace`."""

import json
from collections.abc import Iterator

from loaderconv.emulator.access import Access
from loaderconv.hosts.core import Register
from loaderconv.simulation.rig import Rig

MAX_EVENTS = 1_000_000
"""A loader that hangs in a poll must not fill the memory; the end of the trace says what is missing."""

_ARGUMENTS = (Register.R0, Register.R1, Register.R2)

Event = dict[str, str | int | list[str] | None]


class Trace:
    """The events of a run, in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.left_out = 0
        self._rig: Rig | None = None
        self._commands_seen = 0

    def watch(self, rig: Rig) -> None:
        """Write down the calls of a loader's routines from now on."""
        self._rig = rig
        for entry in rig.subject.loader.entry_points:
            rig.core.observe(
                entry.address + rig.host.moved_by,
                lambda symbol=entry.symbol: self._on_call(symbol),  # type: ignore[misc]
            )

    def on_operation(self, operation: str) -> None:
        """Write down that the host begins an operation."""
        self._add({"event": "operation", "operation": operation})

    def on_access(self, access: Access) -> None:
        """Write down an access of the loader to a device, and what the memory was told before it."""
        self._add_commands()
        place = None if self._rig is None or access.pc is None else self._rig.place(access.pc)
        self._add(
            {
                "event": "read" if access.kind == "r" else "write",
                "address": f"0x{access.address:08x}",
                "size_bytes": access.size_bytes,
                "value": f"0x{access.value:0{2 * access.size_bytes}x}",
                "pc": None if access.pc is None else f"0x{access.pc:08x}",
                "place": place,
            }
        )

    def lines(self) -> Iterator[str]:
        """Yield one JSON object for each event."""
        self._add_commands()
        for number, event in enumerate(self.events):
            yield json.dumps({"number": number, **event})
        if self.left_out:
            yield json.dumps({"number": len(self.events), "event": "left out", "events": self.left_out})

    def _on_call(self, symbol: str) -> None:
        if self._rig is not None:
            words = [f"0x{self._rig.core.read_register(register):08x}" for register in _ARGUMENTS]
            self._add({"event": "call", "routine": symbol, "arguments": words})

    def _add_commands(self) -> None:
        memory = None if self._rig is None else self._rig.machine.memory
        if memory is not None:
            for command in memory.commands[self._commands_seen :]:
                self._add({"event": "command", "command": command})
            self._commands_seen = len(memory.commands)

    def _add(self, event: Event) -> None:
        if len(self.events) < MAX_EVENTS:
            self.events.append(event)
        else:
            self.left_out += 1
