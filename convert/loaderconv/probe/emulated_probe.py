"""A pyOCD probe whose target is an emulated core.

It is handed to a session, never found: pyOCD loads every installed probe plugin when it is imported, and one that fails
would take pyOCD with it.
"""

from collections.abc import Callable, Collection, Sequence

from pyocd.core.memory_interface import MemoryInterface
from pyocd.coresight.ap import APAddressBase
from pyocd.probe.debug_probe import DebugProbe

from loaderconv.probe.debugged_core import DebuggedCore
from loaderconv.probe.emulated_access import (
    CountedBus,
    DebugPort,
    EmulatedMemory,
    MemoryAccessPort,
    answer_later,
)
from loaderconv.probe.emulated_bus import EmulatedBus
from loaderconv.probe.emulated_components import core_type
from loaderconv.probe.emulated_debug_unit import EmulatedDebugUnit
from loaderconv.probe.traffic import Traffic

WORD_BYTES = 4


class EmulatedProbe(DebugProbe):
    """A probe with one target.

    Attributes:
        traffic: what went over it.
        unit: run control of the target.
    """

    def __init__(
        self,
        core: DebuggedCore,
        *,
        cpuid: int,
        reset: Callable[[], None] = lambda: None,
        unique_id: str = "emulated",
        has_memory_commands: bool = True,
        before_call: Callable[[int], None] | None = None,
    ) -> None:
        """Attach a core.

        Args:
            core: the target, which stands still.
            cpuid: what it calls itself; decides on its kind.
            reset: resets the devices around it.
            unique_id: of the probe.
            has_memory_commands: as ST-LINK and J-Link; a CMSIS-DAP probe accesses memory through the port's registers.
            before_call: called in front of each call that reaches the target; what it raises is the call's failure.
        """
        super().__init__()
        self.traffic = Traffic(before_call)
        self.unit = EmulatedDebugUnit(core, cpuid=cpuid, reset=reset)
        bus = CountedBus(EmulatedBus(core, self.unit), self.traffic)
        self._memory = EmulatedMemory(bus) if has_memory_commands else None
        self._debug_port = DebugPort()
        self._access_port = MemoryAccessPort(bus, self.traffic)
        self._core_name = core_type(cpuid).name
        self._unique_id = unique_id
        self._is_open = False
        self._wire_protocol: DebugProbe.Protocol | None = None
        self._holds_reset = False

    # What it is

    @property
    def vendor_name(self) -> str:
        """Who made it."""
        return "loaderconv"

    @property
    def product_name(self) -> str:
        """What it is."""
        return f"emulated {self._core_name}"

    @property
    def unique_id(self) -> str:
        """By which it is chosen."""
        return self._unique_id

    @property
    def supported_wire_protocols(self) -> Collection[DebugProbe.Protocol]:
        """SWD, like most targets of this kind."""
        return [DebugProbe.Protocol.DEFAULT, DebugProbe.Protocol.SWD]

    @property
    def wire_protocol(self) -> DebugProbe.Protocol | None:
        """The one in use, None while it is not connected."""
        return self._wire_protocol

    @property
    def is_open(self) -> bool:
        """Whether it was opened."""
        return self._is_open

    @property
    def capabilities(self) -> set[DebugProbe.Capability]:
        """What it does by itself."""
        return {
            DebugProbe.Capability.MANAGED_AP_SELECTION,
            DebugProbe.Capability.MANAGED_DPBANKSEL,
            DebugProbe.Capability.BANKED_DP_REGISTERS,
        }

    # Connection and reset

    def open(self) -> None:
        """Open it."""
        self.traffic.call()
        self._is_open = True

    def close(self) -> None:
        """Close it."""
        self.traffic.call()
        self._is_open = False

    def connect(self, protocol: DebugProbe.Protocol | None = None) -> None:  # noqa: ARG002 - there is one
        """Connect to the target."""
        self.traffic.call()
        self._wire_protocol = DebugProbe.Protocol.SWD

    def disconnect(self) -> None:
        """Let the target go."""
        self.traffic.call()
        self._wire_protocol = None

    def set_clock(self, frequency: float) -> None:  # noqa: ARG002 - it needs none
        """Take any clock."""
        self.traffic.call()

    def reset(self) -> None:
        """Pull the reset pin."""
        self.traffic.call()
        self.unit.reset()

    def assert_reset(self, asserted: bool) -> None:  # noqa: FBT001 - pyOCD's
        """Hold the reset pin, or let it go."""
        self.traffic.call()
        self._holds_reset = asserted
        if asserted:
            self.unit.hold_in_reset()
        else:
            self.unit.release_from_reset()

    def is_reset_asserted(self) -> bool:
        """Tell whether the pin is held."""
        return self._holds_reset

    # Registers of the ports

    # pyOCD overloads the three that read by the value of `now`.

    def read_dp(  # type: ignore[override]
        self,
        addr: int,
        now: bool = True,  # noqa: FBT001, FBT002
    ) -> int | Callable[[], int]:
        """Return a register of the debug port, or what returns it later."""
        answer = answer_later(lambda: self._read_dp(addr))
        return answer() if now else answer

    def _read_dp(self, address: int) -> int:
        self.traffic.read(WORD_BYTES)
        return self._debug_port.read(address)

    def write_dp(self, addr: int, data: int) -> None:
        """Set a register of the debug port."""
        self.traffic.write(WORD_BYTES)
        self._debug_port.write(addr, data)

    def read_ap(  # type: ignore[override]
        self,
        addr: int,
        now: bool = True,  # noqa: FBT001, FBT002
    ) -> int | Callable[[], int]:
        """Return a register of an access port, or what returns it later, or then fails."""
        answer = answer_later(lambda: self._access_port.read(addr))
        return answer() if now else answer

    def write_ap(self, addr: int, data: int) -> None:
        """Set a register of an access port."""
        self._access_port.write(addr, data)

    def read_ap_multiple(  # type: ignore[override]
        self,
        addr: int,
        count: int = 1,
        now: bool = True,  # noqa: FBT001, FBT002 - pyOCD's
    ) -> Sequence[int] | Callable[[], Sequence[int]]:
        """Return a register of an access port several times."""
        answer = answer_later(lambda: [self._access_port.read(addr) for _ in range(count)])
        return answer() if now else answer

    def write_ap_multiple(self, addr: int, values: Sequence[int]) -> None:
        """Set a register of an access port to one value after the other."""
        for value in values:
            self._access_port.write(addr, value)

    def get_memory_interface_for_ap(self, ap_address: APAddressBase) -> MemoryInterface | None:
        """Return the short cut to memory, where the probe has one."""
        return self._memory if ap_address.nominal_address == 0 else None
