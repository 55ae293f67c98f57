"""Which words of an image count as addresses of peripherals."""

import struct

import pytest

from loaderconv.simulation.constants import peripheral_constants
from loaderconv_schemas.memory import Part, Segment


def constants(halves: tuple[int, ...], address: int, *, executable: bool) -> frozenset[int]:
    data = struct.pack(f"<{len(halves)}H", *halves)
    segment = Segment(
        part=Part.CODE,
        address=address,
        data=data,
        memory_size_bytes=len(data),
        writable=False,
        executable=executable,
    )
    return peripheral_constants([segment])


@pytest.mark.parametrize(
    ("halves", "wanted"),
    [((0x3800, 0x4002), {0x4002_3800}), ((0x0104, 0xA000), {0xA000_0104}), ((0x3800, 0x2002), set())],
)
@pytest.mark.parametrize("executable", [False, True])
def test_words(halves: tuple[int, ...], wanted: set[int], *, executable: bool) -> None:
    assert constants(halves, 0x2000_0000, executable=executable) == wanted
    assert constants((0, *halves), 0x2000_0002, executable=executable) == wanted


@pytest.mark.parametrize(
    ("halves", "wanted"),
    [
        # movw r0, #0x3830; nop; movt r0, #0x4002
        ((0xF643, 0x0030, 0xBF00, 0xF2C4, 0x0002), {0x4002_3830}),
        # mov.w r0, #0xa0000000, and #0xa0, which is not rotated
        ((0xF04F, 0x4020), {0xA000_0000}),
        ((0xF04F, 0x00A0), set()),
        # movs r3, #160; lsls r3, r3, #24, and the shift of another register
        ((0x23A0, 0x061B), {0xA000_0000}),
        ((0x23A0, 0x0614), set()),
    ],
)
def test_instructions(halves: tuple[int, ...], wanted: set[int]) -> None:
    assert constants(halves, 0x2000_0002, executable=True) == wanted
    assert not constants(halves, 0x2000_0002, executable=False)
