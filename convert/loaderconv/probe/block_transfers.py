"""Moves bytes to and from a target's memory, as words wherever they lie on words.

Some probes would do a block of bytes byte by byte (SEGGER's J-Link does as it is told), at a quarter of the speed; RAM
with error correction wants words anyway.
"""

import struct
from collections.abc import Sequence

from pyocd.core.memory_interface import MemoryInterface

_WORD_BYTES = 4


def read_block(memory: MemoryInterface, address: int, size_bytes: int) -> bytes:
    """Return bytes. Raises what pyOCD raises."""
    head, word_count, tail = _split(address, size_bytes)
    data = bytearray()
    if head:
        data += bytes(memory.read_memory_block8(address, head))
    if word_count:
        data += _as_bytes(memory.read_memory_block32(address + head, word_count))
    if tail:
        data += bytes(memory.read_memory_block8(address + size_bytes - tail, tail))
    return bytes(data)


def write_block(memory: MemoryInterface, address: int, data: bytes) -> None:
    """Store bytes. Raises what pyOCD raises."""
    head, word_count, tail = _split(address, len(data))
    if head:
        memory.write_memory_block8(address, data[:head])
    if word_count:
        memory.write_memory_block32(address + head, struct.unpack_from(f"<{word_count}I", data, head))
    if tail:
        memory.write_memory_block8(address + len(data) - tail, data[len(data) - tail :])


def _split(address: int, size_bytes: int) -> tuple[int, int, int]:
    """Return the bytes in front of the first word, the words, and the bytes behind the last one."""
    head = min(-address % _WORD_BYTES, size_bytes)
    word_count, tail = divmod(size_bytes - head, _WORD_BYTES)
    return head, word_count, tail


def _as_bytes(words: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(words)}I", *words)
