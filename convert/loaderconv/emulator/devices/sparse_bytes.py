"""A big array of bytes of which the untouched part costs nothing."""

from collections.abc import Iterator

CHUNK_BYTES = 4096


class SparseBytes:
    """Bytes that all hold one value until something else is written. Ranges have to lie inside of the array.

    Attributes:
        size_bytes: how many there are.
    """

    def __init__(self, size_bytes: int, initial_value: int) -> None:
        self.size_bytes = size_bytes
        self._background = bytes([initial_value]) * CHUNK_BYTES
        self._chunks: dict[int, bytes] = {}

    def read(self, offset: int, size_bytes: int) -> bytes:
        """Return a copy of a range."""
        number, start = divmod(offset, CHUNK_BYTES)
        if start + size_bytes <= CHUNK_BYTES:
            return self._chunk(number)[start : start + size_bytes]
        return b"".join(self._chunk(number)[start:end] for number, start, end in _pieces(offset, size_bytes))

    def write(self, offset: int, data: bytes) -> None:
        """Store bytes."""
        position = 0
        for number, start, end in _pieces(offset, len(data)):
            chunk = self._chunk(number)
            self._chunks[number] = chunk[:start] + data[position : position + end - start] + chunk[end:]
            position += end - start

    def fill(self, offset: int, size_bytes: int, value: int) -> None:
        """Give a range one value; for the whole array that costs nothing."""
        blank = bytes([value]) * CHUNK_BYTES
        if (offset, size_bytes) == (0, self.size_bytes):
            self._background = blank
            self._chunks.clear()
            return
        for number, start, end in _pieces(offset, size_bytes):
            if end - start == CHUNK_BYTES:
                self._chunks[number] = blank
            else:
                self.write(number * CHUNK_BYTES + start, blank[: end - start])

    def touched(self) -> Iterator[tuple[int, bytes]]:
        """Return offset and content of the chunks that something was written to, in rising order."""
        for number in sorted(self._chunks):
            yield number * CHUNK_BYTES, self._chunks[number][: self.size_bytes - number * CHUNK_BYTES]

    def _chunk(self, number: int) -> bytes:
        return self._chunks.get(number, self._background)


def _pieces(offset: int, size_bytes: int) -> Iterator[tuple[int, int, int]]:
    """Cut a range into parts of chunks: number of the chunk, start and end inside of it."""
    range_end = offset + size_bytes
    while offset < range_end:
        number, start = divmod(offset, CHUNK_BYTES)
        end = min(CHUNK_BYTES, start + range_end - offset)
        yield number, start, end
        offset += end - start
