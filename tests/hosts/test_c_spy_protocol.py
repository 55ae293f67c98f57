"""What C-SPY asks of a loader, call by call."""

import binascii
import struct

import pytest

from loaderconv.hosts.host import Outcome
from loaderconv_schemas.device import SectorRun
from loaderconv_schemas.errors import RunFailed
from support.c_spy_calls import FLAG_MASS_ERASE, OVERRIDE_BUFSIZE, RESULT_ERASE_DONE
from support.scripted_loader import (
    BASE,
    CHECKSUM,
    DEVICE,
    ERASE,
    INIT,
    SIGNOFF,
    WRITE,
    Reply,
    ScriptedLoader,
    StubCall,
    always,
    host_for,
    model,
    span,
)
from support.strict import pattern


class TestSession:
    def test_begins_with_the_image_and_lasts_until_it_is_signed_off(self) -> None:
        scripted = ScriptedLoader()
        host = host_for(scripted, model(SIGNOFF))
        host.program(BASE + 0x480, b"\1\2\3")
        host.erase(span(0, 1))
        host.signoff()
        host.erase(span(0x1000, 0x1234))
        assert scripted.routines() == [INIT, WRITE, ERASE, SIGNOFF, INIT, ERASE]
        assert scripted.of(INIT) == [
            StubCall(INIT, BASE, 0, BASE + 0x480, 3),
            StubCall(INIT, BASE, 0, BASE + 0x1000, 0x234),
        ]
        assert scripted.downloads == 2

    def test_nothing_is_signed_off_without_a_session(self) -> None:
        scripted = ScriptedLoader()
        assert host_for(scripted, model(SIGNOFF)).signoff().succeeded
        assert (scripted.calls, scripted.downloads) == ([], 0)

    def test_ends_also_without_the_routine(self) -> None:
        scripted = ScriptedLoader()
        host = host_for(scripted)
        for _ in range(2):
            host.erase(span(0, 1))
            assert host.signoff().succeeded
        assert scripted.routines() == [INIT, ERASE, INIT, ERASE]

    def test_reading_ends_it_first(self) -> None:
        scripted = ScriptedLoader()
        scripted.write_memory(BASE, b"content")
        host = host_for(scripted, model(SIGNOFF))
        host.erase(span(0, 1))
        outcome = host.read(span(0, 7))
        assert (outcome.succeeded, outcome.data) == (True, b"content")
        assert scripted.routines() == [INIT, ERASE, SIGNOFF]

    def test_a_sign_off_that_fails_is_the_outcome_of_reading(self) -> None:
        scripted = ScriptedLoader({SIGNOFF: always(Reply(result=1))})
        host = host_for(scripted, model(SIGNOFF))
        host.erase(span(0, 1))
        assert host.read(span(0, 7)) == Outcome(False, "FlashSignoffEntry returned 1", 10)

    @pytest.mark.parametrize("code", [0, 2, 3])
    def test_codes_of_a_good_start(self, code: int) -> None:
        scripted = ScriptedLoader({INIT: always(Reply(result=code))})
        assert host_for(scripted).erase(span(0, 1)).succeeded

    @pytest.mark.parametrize("code", [1, 5, 100, 200, 0xFFFF])
    def test_every_other_code_is_a_failure_and_opens_no_session(self, code: int) -> None:
        scripted = ScriptedLoader({INIT: always(Reply(result=code))})
        host = host_for(scripted, model(SIGNOFF))
        assert host.program(BASE, b"x") == Outcome(False, f"Init failed: FlashInitEntry returned {code}", 10)
        assert host.signoff().succeeded
        assert not host.erase(span(0, 1)).succeeded
        assert (scripted.routines(), scripted.downloads) == ([INIT, INIT], 2)

    def test_text_of_a_failure_is_told(self) -> None:
        scripted = ScriptedLoader({INIT: always(Reply(result=4, text=b"No\x1b device\0rest"))})
        detail = host_for(scripted).erase(span(0, 1)).detail
        assert detail.startswith('Init failed: FlashInitEntry returned 4: "No')
        assert detail.isascii()
        assert detail.isprintable()
        assert "rest" not in detail


class TestErase:
    def test_list_of_all_blocks_that_overlap(self) -> None:
        scripted = ScriptedLoader()
        outcome = host_for(scripted).erase(span(0x7FF, 0x1001))
        assert (outcome.succeeded, outcome.instructions) == (True, 20)
        listed = struct.pack("<6I", BASE + 0x400, 0x400, BASE + 0x800, 0x400, BASE + 0xC00, 0x400)
        listed += struct.pack("<2I", BASE + 0x1000, 0x800)
        assert scripted.of(ERASE) == [StubCall(ERASE, 0, 4, 0, 0, listed)]

    def test_a_list_is_no_longer_than_the_buffer(self) -> None:
        scripted = ScriptedLoader({INIT: always(Reply(result=OVERRIDE_BUFSIZE, block_size=20))})
        assert host_for(scripted).erase(DEVICE.range).succeeded
        assert [call.count for call in scripted.of(ERASE)] == [2, 2, 2]

    def test_ends_at_the_first_list_that_fails(self) -> None:
        small = Reply(result=OVERRIDE_BUFSIZE, block_size=20)
        scripted = ScriptedLoader({INIT: always(small), ERASE: always(Reply(result=1))})
        outcome = host_for(scripted).erase(DEVICE.range)
        assert (outcome.succeeded, outcome.detail) == (False, "FlashEraseWriteEntry returned 1")
        assert len(scripted.of(ERASE)) == 1

    def test_where_there_is_no_block(self) -> None:
        scripted = ScriptedLoader()
        assert not host_for(scripted).erase(span(0x2000, 0x2001)).succeeded
        assert scripted.of(ERASE) == []

    def test_mass_erase_by_init_in_a_session_of_its_own(self) -> None:
        scripted = ScriptedLoader(
            {INIT: lambda call: Reply(result=RESULT_ERASE_DONE if call.count == FLAG_MASS_ERASE else 0)}
        )
        host = host_for(scripted, model(SIGNOFF))
        host.erase(span(0, 1))
        outcome = host.erase_all()
        assert (outcome.succeeded, outcome.detail) == (True, "FlashInitEntry returned 3")
        assert scripted.routines() == [INIT, ERASE, SIGNOFF, INIT, SIGNOFF]
        assert scripted.of(INIT)[1] == StubCall(INIT, BASE, FLAG_MASS_ERASE, BASE, 0x2000)

    def test_mass_erase_by_all_blocks_where_init_did_not_do_it(self) -> None:
        scripted = ScriptedLoader()
        assert host_for(scripted, model(SIGNOFF)).erase_all().succeeded
        assert scripted.routines() == [INIT, ERASE, SIGNOFF]
        assert scripted.of(ERASE)[0].count == 6

    def test_mass_erase_that_init_refuses(self) -> None:
        scripted = ScriptedLoader({INIT: always(Reply(result=1))})
        assert not host_for(scripted, model(SIGNOFF)).erase_all().succeeded
        assert scripted.routines() == [INIT]

    def test_a_failure_after_a_mass_erase_counts(self) -> None:
        scripted = ScriptedLoader({INIT: always(Reply(result=RESULT_ERASE_DONE)), SIGNOFF: always(Reply(result=1))})
        outcome = host_for(scripted, model(SIGNOFF)).erase_all()
        assert (outcome.succeeded, outcome.detail) == (False, "FlashSignoffEntry returned 1")


class TestProgram:
    def test_pages_are_filled_up(self) -> None:
        scripted = ScriptedLoader()
        assert host_for(scripted).program(BASE + 0x4FE, b"abc").succeeded
        data = b"\xff" * 0xFE + b"abc" + b"\xff" * 0xFF
        assert scripted.of(WRITE) == [StubCall(WRITE, BASE + 0x400, 0x200, 0, 0x400, data)]

    @pytest.mark.parametrize(
        ("aggregate", "places"),
        [
            (False, [(0x800, 0x300, 0x100), (0xC00, 0, 0x400), (0x1000, 0, 0x400), (0x1000, 0x400, 0x200)]),
            (True, [(0x800, 0x300, 0x400), (0xC00, 0x300, 0x400), (0x1000, 0x300, 0x300)]),
        ],
    )
    def test_blocks_share_a_transfer_where_they_may(self, aggregate: bool, places: list[tuple[int, int, int]]) -> None:
        scripted = ScriptedLoader()
        data = pattern(0xB00)
        assert host_for(scripted, model(aggregate=aggregate)).program(BASE + 0xB00, data).succeeded
        calls = scripted.of(WRITE)
        assert [(call.base - BASE, call.offset, call.count) for call in calls] == places
        assert b"".join(call.data for call in calls) == data

    def test_each_block_is_erased_with_its_first_data(self) -> None:
        scripted = ScriptedLoader()
        assert host_for(scripted, model(aggregate=True)).erase_and_program(BASE + 0xF00, pattern(0x900)).succeeded
        assert [(call.routine, call.base - BASE, call.block_size) for call in scripted.calls[1:]] == [
            (ERASE, 0xC00, 0x400),
            (ERASE, 0x1000, 0x800),
            (WRITE, 0x1000, 0x800),
        ]
        assert b"".join(call.data for call in scripted.calls) == pattern(0x900)

    def test_ends_at_the_first_failure(self) -> None:
        scripted = ScriptedLoader({WRITE: always(Reply(result=4, text=b"Voltage\0"))})
        outcome = host_for(scripted).program(BASE, pattern(0x800))
        assert (outcome.succeeded, outcome.detail) == (False, 'FlashWriteEntry returned 4: "Voltage"')
        assert len(scripted.of(WRITE)) == 1

    @pytest.mark.parametrize(("start", "end"), [(-1, 1), (0x1FFF, 0x2001), (0x3000, 0x3001)])
    def test_what_is_not_on_blocks_reaches_no_loader(self, start: int, end: int) -> None:
        scripted = ScriptedLoader()
        outcome = host_for(scripted).program(BASE + start, bytes(end - start))
        assert (outcome.succeeded, outcome.detail) == (False, f"no block for all of {span(start, end)}")
        assert scripted.of(WRITE) == []

    def test_gap_between_blocks_takes_no_data(self) -> None:
        runs = (DEVICE.sectors[0], SectorRun(offset_bytes=0x1800, sector_size_bytes=0x800, count=1))
        gapped = DEVICE.model_copy(update={"sectors": runs})
        scripted = ScriptedLoader()
        host = host_for(scripted, model(device=gapped))
        assert not host.program(BASE + 0xF00, bytes(0xA00)).succeeded
        assert host.program(BASE + 0xF00, bytes(0x100)).succeeded
        assert host.program(BASE + 0x1800, bytes(0x100)).succeeded

    def test_no_data_need_no_transfer(self) -> None:
        scripted = ScriptedLoader()
        assert host_for(scripted).program(BASE + 5, b"").succeeded
        assert scripted.routines() == [INIT]


class TestVerify:
    DATA = b"123456789"

    def checked(self, result: int) -> Outcome:
        scripted = ScriptedLoader({CHECKSUM: always(Reply(result=result))})
        outcome = host_for(scripted, model(CHECKSUM)).verify(BASE + 3, self.DATA)
        assert scripted.calls[-1] == StubCall(CHECKSUM, BASE + 3, 9, 0, 0)
        return outcome

    def test_equal(self) -> None:
        assert self.checked(0x31C3).succeeded, "CRC-16/XMODEM of 123456789"

    def test_different(self) -> None:
        assert self.checked(0x31C2) == Outcome(False, "FlashChecksumEntry returned 0x31c2, expected 0x31c3", 20)

    def test_a_value_of_more_than_16_bits_is_no_sum(self) -> None:
        assert self.checked(0x1_31C3) == Outcome(False, "FlashChecksumEntry returned 0x131c3", 20)

    def test_init_that_fails_is_told_apart_from_a_difference(self) -> None:
        scripted = ScriptedLoader({INIT: always(Reply(result=1))})
        assert host_for(scripted, model(CHECKSUM)).verify(BASE, self.DATA).detail.startswith("Init failed")

    def test_without_the_routine_by_reading_back(self) -> None:
        scripted = ScriptedLoader()
        scripted.write_memory(BASE, self.DATA)
        host = host_for(scripted)
        assert host.verify(BASE, self.DATA).succeeded
        assert not host.verify(BASE, b"123456780").succeeded
        with pytest.raises(RunFailed, match="no routine for checksum"):
            host.checksum(span(0, 9))

    def test_sum_is_two_bytes(self) -> None:
        scripted = ScriptedLoader({CHECKSUM: always(Reply(result=0x1234))})
        assert host_for(scripted, model(CHECKSUM)).checksum(span(0, 9)).data == b"\x34\x12"
        assert binascii.crc_hqx(self.DATA, 0) == 0x31C3
