"""What a probe's memory access port reaches on an emulated chip: the debug unit's words, and the core's memory."""

from loaderconv.probe.debugged_core import DebuggedCore
from loaderconv.probe.emulated_debug_unit import EmulatedDebugUnit
from loaderconv_schemas.errors import RunFailed

SYSTEM_BUS = 0xE000_0000
WORD_BYTES = 4


class BusError(Exception):
    """Raised for an access that the bus answers with an error."""

    def __init__(self, message: str, address: int) -> None:
        super().__init__(message)
        self.address = address


class EmulatedBus:
    """Memory as a debugger sees it, while the core stands still and while it runs."""

    def __init__(self, core: DebuggedCore, unit: EmulatedDebugUnit) -> None:
        self._core = core
        self._unit = unit

    def read(self, address: int, size_bytes: int) -> bytes:
        """Return bytes. Raises BusError where nothing answers."""
        if address < SYSTEM_BUS or size_bytes % WORD_BYTES or address % WORD_BYTES:
            return self._read_core(address, size_bytes)
        return b"".join(self._read_word(each) for each in range(address, address + size_bytes, WORD_BYTES))

    def write(self, address: int, data: bytes) -> None:
        """Store bytes. Raises BusError where nothing answers."""
        if address < SYSTEM_BUS or len(data) % WORD_BYTES or address % WORD_BYTES:
            self._write_core(address, data)
            return
        for offset in range(0, len(data), WORD_BYTES):
            word = data[offset : offset + WORD_BYTES]
            if not self._unit.write(address + offset, int.from_bytes(word, "little")):
                self._write_core(address + offset, word)

    def _read_word(self, address: int) -> bytes:
        word = self._unit.read(address)
        return self._read_core(address, WORD_BYTES) if word is None else word.to_bytes(WORD_BYTES, "little")

    def _read_core(self, address: int, size_bytes: int) -> bytes:
        try:
            return self._core.read_memory(address, size_bytes)
        except RunFailed as problem:
            raise BusError(problem.message, address) from problem

    def _write_core(self, address: int, data: bytes) -> None:
        try:
            self._core.write_memory(address, data)
        except RunFailed as problem:
            raise BusError(problem.message, address) from problem
