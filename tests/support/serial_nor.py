"""Talking to a serial NOR memory as a controller does, one transfer at a time."""

from loaderconv.emulator.devices.serial_nor_frame import Frame, SerialMemory
from loaderconv.emulator.devices.serial_nor_part import NorPart, choose_part
from loaderconv_schemas.device import Device, DeviceKind, SectorRun

MEBIBYTE = 1 << 20


def device(size_bytes: int = 16 * MEBIBYTE, name: str = "W25Q", sector_size_bytes: int = 0x1000) -> Device:
    """Return what a loader's descriptor would say."""
    return Device(
        name=name,
        kind=DeviceKind.SPI_FLASH,
        base_address=0x9000_0000,
        size_bytes=size_bytes,
        page_size_bytes=256,
        erased_value=0xFF,
        sectors=(
            SectorRun(offset_bytes=0, sector_size_bytes=sector_size_bytes, count=size_bytes // sector_size_bytes),
        ),
    )


def part(size_bytes: int = 16 * MEBIBYTE, name: str = "W25Q") -> NorPart:
    """Return a part by the beginning of its name."""
    return choose_part(device(size_bytes, name))


def send(memory: SerialMemory, frame: Frame, data: bytes = b"", *, reads: int = 0) -> bytes:
    """Carry out a transfer; return what was read."""
    memory.start(frame)
    if data:
        memory.write(data)
    answer = memory.read(reads) if reads else b""
    memory.finish()
    return answer


def command(
    memory: SerialMemory,
    opcode: int,
    data: bytes = b"",
    *,
    address: int | None = None,
    address_bytes: int = 3,
    lines: int = 1,
    dummy_cycles: int = 0,
    reads: int = 0,
) -> bytes:
    """Carry out a transfer with everything on the same lines."""
    return send(
        memory,
        Frame(
            opcode=opcode,
            opcode_lines=lines,
            address=address,
            address_bytes=address_bytes,
            dummy_cycles=dummy_cycles,
            data_lines=lines if data or reads else 0,
        ),
        data,
        reads=reads,
    )


def finish(memory: SerialMemory) -> int:
    """Poll until ready; return how often the memory said busy."""
    polls = 0
    while command(memory, 0x05, reads=1)[0] & 1:
        polls += 1
        assert polls < 100, "the memory stays busy"
    return polls


def enabled(
    memory: SerialMemory, opcode: int, data: bytes = b"", *, address: int | None = None, address_bytes: int = 3
) -> None:
    """Send a write enable and a command."""
    command(memory, 0x06)
    command(memory, opcode, data, address=address, address_bytes=address_bytes)
