"""Reads, writes and fills at the borders of chunks, against a plain bytearray."""

import random

from loaderconv.emulator.devices.sparse_bytes import CHUNK_BYTES, SparseBytes

SIZE_BYTES = 3 * CHUNK_BYTES + 100


def test_equals_a_plain_array() -> None:
    generator = random.Random(5)  # noqa: S311 - not for secrets
    sparse, plain = SparseBytes(SIZE_BYTES, 0xA5), bytearray(b"\xa5" * SIZE_BYTES)
    for _turn in range(60):
        offset = generator.randrange(SIZE_BYTES)
        length = generator.randrange(SIZE_BYTES - offset + 1)
        data = generator.randbytes(length)
        if generator.random() < 0.5:
            sparse.write(offset, data)
            plain[offset : offset + length] = data
        else:
            sparse.fill(offset, length, 0xFF)
            plain[offset : offset + length] = b"\xff" * length
        assert sparse.read(0, SIZE_BYTES) == plain
        assert sparse.read(offset, length) == plain[offset : offset + length]


def test_filling_all_of_it_forgets_everything() -> None:
    sparse = SparseBytes(SIZE_BYTES, 0)
    sparse.write(CHUNK_BYTES - 1, b"\x01\x02")
    assert [offset for offset, _data in sparse.touched()] == [0, CHUNK_BYTES]
    sparse.fill(0, SIZE_BYTES, 0xFF)
    assert (list(sparse.touched()), sparse.read(CHUNK_BYTES - 1, 2)) == ([], b"\xff\xff")


def test_last_chunk_is_cut_where_the_array_ends() -> None:
    sparse = SparseBytes(SIZE_BYTES, 0)
    sparse.write(SIZE_BYTES - 1, b"\x07")
    ((offset, data),) = sparse.touched()
    assert (offset, data) == (3 * CHUNK_BYTES, bytes(99) + b"\x07")
