"""A TargetCore over unmodified pyOCD on a probe whose target is an emulated core."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.hosts.call import BREAKPOINT_WORD, CallFrame
from loaderconv.probe.emulated_probe import EmulatedProbe
from loaderconv.probe.request import OpenRequest
from loaderconv.probe.session import Connection, open_target
from loaderconv.probe.stub_place import STUB_ROOM_BYTES
from loaderconv.probe.target_core import TargetCore
from loaderconv_schemas.address_range import AddressRange
from support.emulated_session import probe_on

RAM = AddressRange(start=0x2000_0000, size_bytes=0x1_0000)
STUB = RAM.end - STUB_ROOM_BYTES
RETURN_TO = RAM.start
CODE = RAM.start + 0x100
FRAME = CallFrame(stack_top=RAM.start + 0x4000, return_address=RETURN_TO)


@dataclass(frozen=True)
class Target:
    """A target that was connected to."""

    emulated: UnicornCore
    probe: EmulatedProbe
    connection: Connection
    core: TargetCore

    def load(self, code: str) -> None:
        """Write machine code, in hexadecimal, to CODE."""
        self.core.write_memory(CODE, bytes.fromhex(code))


@contextmanager
def connected(
    cpu: CpuModel, emulated: UnicornCore | None = None, *, stub_address: int = STUB, **probe_facts: object
) -> Iterator[Target]:
    """Connect, reset, and write the BKPT to which routines return."""
    emulated = emulated or UnicornCore(cpu, ram=[RAM])
    probe = probe_on(emulated, cpu, **probe_facts)  # type: ignore[arg-type]
    with open_target(OpenRequest(probe=probe, target="cortex_m", settling_s=0)) as connection:
        core = connection.take_core(stub_address)
        core.write_memory(RETURN_TO, BREAKPOINT_WORD)
        yield Target(emulated, probe, connection, core)
