"""What FlashInit may change of the memory for the rest of a session."""

import struct

import pytest

from loaderconv_schemas.address_range import AddressRange
from support.c_spy_calls import OVERRIDE_BUFSIZE, OVERRIDE_LAYOUT, OVERRIDE_PAGESIZE
from support.scripted_loader import (
    BASE,
    BUFFER,
    DEVICE,
    ERASE,
    INIT,
    WRITE,
    Reply,
    ScriptedLoader,
    always,
    host_for,
    span,
)
from support.strict import pattern


class TestOverrides:
    def test_layout(self) -> None:
        scripted = ScriptedLoader(
            {INIT: always(Reply(result=OVERRIDE_LAYOUT, text=b"2 0x100,7 0x200, 1 4096, \0\xde"))}
        )
        host = host_for(scripted)
        assert host.device == DEVICE
        host.erase(span(0x100, 0x201))
        assert [(run.offset_bytes, run.sector_size_bytes, run.count) for run in host.device.sectors] == [
            (0, 0x100, 2),
            (0x200, 0x200, 7),
            (0x1000, 0x1000, 1),
        ]
        assert host.device.size_bytes == 0x2000
        assert scripted.of(ERASE)[0].data == struct.pack("<4I", BASE + 0x100, 0x100, BASE + 0x200, 0x200)

    @pytest.mark.parametrize(
        "text",
        [
            b"0 0x2000",
            b"",
            b"4",
            b"4 0x",
            b"4 0x400;1 2",
            b"1 0",
            b"-4 0x400",
            b"9999999999 0x1000",
            b"\xff",
        ],
    )
    def test_layout_that_is_none_is_refused(self, text: bytes) -> None:
        scripted = ScriptedLoader({INIT: always(Reply(result=OVERRIDE_LAYOUT, text=text + b"\0"))})
        outcome = host_for(scripted).erase(span(0, 1))
        assert not outcome.succeeded
        assert outcome.detail.startswith("Init failed: FlashInit gave the layout")
        assert scripted.of(ERASE) == []

    def test_size_of_the_buffer(self) -> None:
        scripted = ScriptedLoader({INIT: always(Reply(result=OVERRIDE_BUFSIZE, block_size=0x280))})
        host = host_for(scripted)
        assert host.buffer == BUFFER
        host.program(BASE, pattern(0x400))
        assert host.buffer == AddressRange(start=BUFFER.start, size_bytes=0x280)
        assert [call.count for call in scripted.of(WRITE)] == [0x200, 0x200], "a transfer ends at a page"

    def test_size_of_the_page(self) -> None:
        scripted = ScriptedLoader({INIT: always(Reply(result=OVERRIDE_PAGESIZE, offset=0x10))})
        host = host_for(scripted)
        host.program(BASE + 0x11, b"x")
        assert host.device.page_size_bytes == 0x10
        assert [(call.offset, call.count) for call in scripted.of(WRITE)] == [(0x10, 0x10)]

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(result=OVERRIDE_PAGESIZE, offset=0),
            Reply(result=OVERRIDE_BUFSIZE, block_size=7),
            Reply(result=OVERRIDE_BUFSIZE, block_size=0xFFFF_FFFF),
        ],
    )
    def test_impossible_sizes_are_refused(self, reply: Reply) -> None:
        scripted = ScriptedLoader({INIT: always(reply)})
        outcome = host_for(scripted).program(BASE, b"x")
        assert not outcome.succeeded
        assert outcome.detail.startswith("Init failed: ")
        assert scripted.routines() == [INIT]

    def test_an_override_lasts_for_one_session(self) -> None:
        replies = iter([Reply(result=OVERRIDE_PAGESIZE, offset=0x10), Reply()])
        host = host_for(ScriptedLoader({INIT: lambda _call: next(replies)}))
        host.erase(span(0, 1))
        host.signoff()
        assert host.device.page_size_bytes == 0x10
        host.erase(span(0, 1))
        assert host.device.page_size_bytes == 0x100
