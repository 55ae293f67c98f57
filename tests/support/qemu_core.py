"""A processor of QEMU under a host's control."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from loaderconv.hosts.core import GENERAL_REGISTERS, Budget, Register, Stop, StopReason
from loaderconv_schemas.errors import RunFailed
from support.gdb_remote import GdbRemote, StubGone, StubTimeout

_PROGRAM = "qemu-system-arm"

needs_qemu = pytest.mark.skipif(shutil.which(_PROGRAM) is None, reason=f"install {_PROGRAM}")

_REGISTER_NUMBERS = {register: number for number, register in enumerate(Register)}
"""As org.gnu.gdb.arm.m-profile has them."""

_XPSR_NUMBER = 25
_XPSR_THUMB = 1 << 24

_CHUNK_BYTES = 1024
"""Twice as many digits fit into one of QEMU's packets, which take 4096 bytes."""

_PC_OF_A_DUMP = re.compile(r"R15=([0-9a-f]{8})")


class QemuCore:
    """A fresh machine of QEMU, halted after reset; implements `loaderconv.hosts.core.Core`.

    A run ends at its stop address by a hardware breakpoint, because a BKPT is no halt for QEMU but a HardFault. Without
    vectors every exception leads to lockup, and at lockup QEMU aborts: that is a fault, and the end of this core. It
    cannot count instructions, so that the wall clock is its only budget.
    """

    marked_registers = GENERAL_REGISTERS

    def __init__(self, machine: str) -> None:
        """Start a machine by QEMU's name for it."""
        self._breakpoints: set[int] = set()
        # Also the working directory: an abort may leave a core dump.
        self._folder = tempfile.TemporaryDirectory()
        self._errors = Path(self._folder.name, "stderr")
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [_PROGRAM, "-M", machine, "-S", "-no-reboot", "-nodefaults", "-display", "none", "-gdb", "stdio"],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self._folder.name,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._remote = GdbRemote(self._process.stdout.fileno(), self._process.stdin.fileno())
        except (StubGone, StubTimeout):
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        with self._process:
            pass
        self._folder.cleanup()

    def read_memory(self, address: int, size_bytes: int) -> bytes:
        """Return bytes as a debugger reads them. Raises RunFailed where nothing is mapped."""
        data = b""
        while len(data) < size_bytes:
            size = min(_CHUNK_BYTES, size_bytes - len(data))
            data += bytes.fromhex(self._asked(f"m{address + len(data):x},{size:x}"))
        return data

    def write_memory(self, address: int, data: bytes) -> None:
        """Store bytes as a debugger does, in a flash past its controller; where there is no memory they are lost."""
        for offset in range(0, len(data), _CHUNK_BYTES):
            chunk = data[offset : offset + _CHUNK_BYTES]
            self._asked(f"M{address + offset:x},{len(chunk):x}:{chunk.hex()}")

    def read_register(self, register: Register) -> int:
        """Return a core register, 0 to 2**32 - 1."""
        return self._get(_REGISTER_NUMBERS[register])

    def write_register(self, register: Register, value: int) -> None:
        """Set a core register; the value is taken modulo 2**32. Bit 0 of PC is ignored: code is Thumb."""
        if register is Register.PC:
            value &= ~1
        self._set(_REGISTER_NUMBERS[register], value % (1 << 32))

    def run(self, stop_address: int, budget: Budget, meanwhile: Callable[[], None] | None = None) -> Stop:
        """Run from PC until the instruction at `stop_address` would be executed, a fault, or the end of the budget."""
        if meanwhile is not None:
            meanwhile()
        self.write_xpsr(_XPSR_THUMB)
        return self.run_to_any((stop_address,), budget)

    def run_to_any(self, stop_addresses: Iterable[int], budget: Budget) -> Stop:
        """Run likewise to the first of several addresses, or of none; what was interrupted can go on."""
        self._set_breakpoints({address & ~1 for address in stop_addresses})
        try:
            self._remote.request("c", budget.timeout_ms)
        except StubTimeout:
            self._remote.interrupt()
            detail = f"still running after {budget.timeout_ms} ms"
            return Stop(StopReason.BUDGET_EXHAUSTED, self.read_register(Register.PC), detail)
        except StubGone:
            return self._fault()
        stop = Stop(StopReason.STOP_ADDRESS, self.read_register(Register.PC))
        assert stop.pc in self._breakpoints
        return stop

    def _set_breakpoints(self, wanted: set[int]) -> None:
        for address in self._breakpoints - wanted:
            self._asked(f"z1,{address:x},2")
        for address in wanted - self._breakpoints:
            self._asked(f"Z1,{address:x},2")
        self._breakpoints = wanted

    def step(self) -> Stop:
        """Execute one instruction."""
        self._set_breakpoints(set())
        self._asked("s")
        return Stop(StopReason.BUDGET_EXHAUSTED, self.read_register(Register.PC))

    def read_xpsr(self) -> int:
        """Return xPSR."""
        return self._get(_XPSR_NUMBER)

    def write_xpsr(self, value: int) -> None:
        """Set xPSR."""
        self._set(_XPSR_NUMBER, value)

    def _get(self, register_number: int) -> int:
        return int.from_bytes(bytes.fromhex(self._asked(f"p{register_number:x}")), "little")

    def _set(self, register_number: int, value: int) -> None:
        self._asked(f"P{register_number:x}={value.to_bytes(4, 'little').hex()}")

    def _asked(self, packet: str) -> str:
        """Return what the stub answered. Raises RunFailed where it refused, or where QEMU ended in an earlier run."""
        what = packet.partition(":")[0]
        try:
            answer = self._remote.request(packet)
        except StubGone as error:
            raise RunFailed(f"QEMU is gone: {self._fault().detail}.", hint="Start another machine.") from error
        if answer.startswith("E") or not answer:
            raise RunFailed(f"QEMU answered {answer!r} to {what}.", hint="Look where its machine has memory.")
        return answer

    def _fault(self) -> Stop:
        """Return what QEMU said when it ended; the PC is that of the handler it did not find."""
        self._process.wait(timeout=10)
        told = self._errors.read_text(encoding="utf-8", errors="replace")
        dumped = _PC_OF_A_DUMP.search(told)
        lines = [line for line in told.splitlines() if "fatal" in line] or [f"exit code {self._process.returncode}"]
        return Stop(StopReason.FAULT, int(dumped[1], 16) if dumped else 0, lines[0])
