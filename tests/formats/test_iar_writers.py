"""New `.flash` and `.board` files: as IAR spells them, and read back as they were meant."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loaderconv_formats.iar.board_file import BoardPass, read_board_file
from loaderconv_formats.iar.board_writer import board_file_bytes
from loaderconv_formats.iar.flash_file import read_flash_file
from loaderconv_formats.iar.flash_writer import flash_file_bytes
from loaderconv_formats.xml.document import parse_xml
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.iar import IarSettings, IgnoredRange
from support.fuzzing import fuzz_settings
from support.iar_texts import BASIC, flash_text, read_flash

TOP = 1 << 32


def device(*runs: SectorRun, base: int = 0, page: int = 256, size: int | None = None) -> Device:
    return Device(
        name="memory",
        kind=DeviceKind.UNKNOWN,
        base_address=base,
        size_bytes=max((run.end_offset_bytes for run in runs), default=0) if size is None else size,
        page_size_bytes=page,
        sectors=runs,
    )


def run(offset: int, size: int, count: int) -> SectorRun:
    return SectorRun(offset_bytes=offset, sector_size_bytes=size, count=count)


SIMPLE = device(run(0, 0x1000, 16))
PLAIN = IarSettings(executable="loader.out")


class TestSpelling:
    def test_flash_file(self) -> None:
        two = device(run(0, 0x4000, 4), run(0x1000_0000, 0x1000, 1), base=0x800_0000, page=512)
        settings = IarSettings(
            executable="$PROJ_DIR$\\a & b.out",
            macro="a.mac",
            aggregate=True,
            online=True,
            arguments=("--flash", "--boot"),
            arguments_doc="<none>",
            relocatable=True,
        )
        assert flash_file_bytes(two, settings) == (
            b'<?xml version="1.0" encoding="iso-8859-1"?>\r\n'
            b"\r\n"
            b"<flash_device>\r\n"
            b"  <exe>$PROJ_DIR$\\a &amp; b.out</exe>\r\n"
            b"  <page>512</page>\r\n"
            b"  <block>4 0x4000</block>\r\n"
            b"  <gap>0xfff0000</gap>\r\n"
            b"  <block>1 0x1000</block>\r\n"
            b"  <flash_base>0x08000000</flash_base>\r\n"
            b"  <macro>a.mac</macro>\r\n"
            b"  <aggregate>1</aggregate>\r\n"
            b"  <online>1</online>\r\n"
            b"  <args>--flash\r\n"
            b"--boot</args>\r\n"
            b"  <args_doc>&lt;none&gt;</args_doc>\r\n"
            b"  <relocatable_exe>1</relocatable_exe>\r\n"
            b"</flash_device>\r\n"
        )

    def test_flash_file_with_the_least(self) -> None:
        assert flash_file_bytes(SIMPLE, PLAIN) == flash_text(
            "<exe>loader.out</exe>",
            "<page>256</page>",
            "<block>16 0x1000</block>",
            "<flash_base>0x00000000</flash_base>",
            "<aggregate>0</aggregate>",
        )

    def test_board_file(self) -> None:
        facts = PassFacts(
            range=AddressRange(start=0x1800_0000, size_bytes=0x10_0000),
            address_delta=0xF000_0000,
            absolute_start=0x100,
            args=("a", "b"),
            loader_offset=0x2000_0000,
            ignored=(IgnoredRange(kind="CODE", range=AddressRange(start=0, size_bytes=TOP)),),
        )
        root = IgnoredRange(kind="DATA_Z", range=AddressRange(start=0x20, size_bytes=1))
        assert board_file_bytes((BoardPass("a.flash", facts), BoardPass("b.flash", PassFacts())), (root,)) == (
            b'<?xml version="1.0" encoding="iso-8859-1"?>\r\n'
            b"\r\n"
            b"<flash_board>\r\n"
            b"  <pass>\r\n"
            b"    <loader>a.flash</loader>\r\n"
            b"    <range>CODE 0x18000000 0x180fffff</range>\r\n"
            b"    <rel_offset>-0x10000000</rel_offset>\r\n"
            b"    <abs_offset>0x00000100</abs_offset>\r\n"
            b"    <loader_offset> 0x20000000</loader_offset>\r\n"
            b"    <args>a\r\n"
            b"b</args>\r\n"
            b"    <ignore>CODE 0x00000000 0xffffffff</ignore>\r\n"
            b"  </pass>\r\n"
            b"  <pass>\r\n"
            b"    <loader>b.flash</loader>\r\n"
            b"  </pass>\r\n"
            b"  <ignore>DATA_Z 0x00000020 0x00000020</ignore>\r\n"
            b"</flash_board>\r\n"
        )

    @pytest.mark.parametrize(
        ("text", "declared", "raw"),
        [
            ("caf\u00e9.out", b'encoding="iso-8859-1"', b"caf\xe9.out"),
            ("\u20ac.out", b'encoding="UTF-8"', b"\xe2\x82\xac.out"),
        ],
    )
    def test_encoding_is_the_one_that_can_hold_the_text(self, text: str, declared: bytes, raw: bytes) -> None:
        data = flash_file_bytes(SIMPLE, IarSettings(executable=text))
        assert declared in data.splitlines()[0]
        assert b"<exe>" + raw + b"</exe>" in data
        assert read_flash_file(parse_xml(data), "memory").settings.executable == text

    def test_what_an_flm_knows_more_is_left_out(self) -> None:
        known = SIMPLE.model_copy(update={"kind": DeviceKind.SPI_FLASH, "erased_value": 0xFF, "erase_timeout_ms": 9})
        assert flash_file_bytes(known, PLAIN) == flash_file_bytes(SIMPLE, PLAIN)


class TestRefusals:
    @pytest.mark.parametrize(
        ("bad", "fact"),
        [
            (device(run(0x1000, 0x1000, 1), run(0, 0x1000, 1)), "offset 0x0 begin before"),
            (device(run(0, 0x1000, 2), run(0x1000, 0x1000, 1)), "offset 0x1000 begin before"),
            (device(run(0, 0x1000, 1), size=0x2000), "size_bytes"),
            (device(), "has no <block>"),
            (device(run(0, 0x1000, 2), base=TOP - 0x1000), "beyond the 32-bit address space"),
        ],
    )
    def test_geometry_without_a_spelling(self, bad: Device, fact: str) -> None:
        with pytest.raises(ConversionRefused, match=fact):
            flash_file_bytes(bad, PLAIN)

    @pytest.mark.parametrize(
        ("field", "value", "fact"),
        [
            ("executable", "", "<exe> in line 4 is empty"),
            ("executable", " a.out", "the value of executable"),
            ("executable", "${NAME}.out", "FreeMarker"),
            ("executable", "a\0.out", r"character U\+0000"),
            ("macro", "", "the value of macro"),
            ("arguments", ("a\nb",), "the value of arguments"),
            ("arguments", ("a", "", "b"), "the value of arguments"),
            ("arguments", ("a ",), "the value of arguments"),
            ("arguments_doc", "\n", "the value of arguments_doc"),
        ],
    )
    def test_setting_without_a_spelling(self, field: str, value: object, fact: str) -> None:
        with pytest.raises(ConversionRefused, match=fact):
            flash_file_bytes(SIMPLE, PLAIN.model_copy(update={field: value}))

    @pytest.mark.parametrize(
        ("bad", "fact"),
        [
            (BoardPass("", PassFacts()), "<loader> in line 5 is empty"),
            (BoardPass("a.flash ", PassFacts()), "cannot hold the path"),
            (BoardPass("a.flash", PassFacts(range=AddressRange(start=8, size_bytes=0))), "behind its end"),
            (BoardPass("a.flash", PassFacts(args=("",))), "the value of args"),
        ],
    )
    def test_pass_without_a_spelling(self, bad: BoardPass, fact: str) -> None:
        with pytest.raises(ConversionRefused, match=fact):
            board_file_bytes((bad,), ())

    def test_board_without_passes(self) -> None:
        with pytest.raises(ConversionRefused, match="has no <pass>"):
            board_file_bytes((), ())

    @pytest.mark.parametrize("kind", ["", "CODE DATA", "CODE\n"])
    def test_kind_of_ignored_range_is_a_word(self, kind: str) -> None:
        ignored = IgnoredRange(kind=kind, range=AddressRange(start=0, size_bytes=1))
        with pytest.raises(ConversionRefused):
            board_file_bytes((BoardPass("a.flash", PassFacts()),), (ignored,))


characters = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff${[").filter(
    lambda char: char >= " " or char in "\t\n\r"
)
texts = st.text(characters, min_size=1, max_size=12).map(lambda text: text.strip(" \t\r\n")).filter(bool)
one_line_texts = texts.filter(lambda text: "\n" not in text)
arguments = st.lists(one_line_texts, max_size=3).map(tuple)
words = texts.filter(lambda text: not set(text) & set(" \t\r\n"))
addresses = st.integers(0, TOP - 1)


@st.composite
def devices(draw: st.DrawFn) -> Device:
    base = draw(st.one_of(st.just(0), addresses))
    runs: list[SectorRun] = []
    end = 0
    for _ in range(draw(st.integers(1, 5))):
        offset = end + draw(st.one_of(st.just(0), st.integers(0, TOP - base - end)))
        size = draw(st.integers(0, TOP - base - offset))
        count = draw(st.integers(0, (TOP - base - offset) // size if size else 0))
        runs.append(run(offset, size, count))
        end = runs[-1].end_offset_bytes
    return device(*runs, base=base, page=draw(st.integers(0, TOP)))


settings = st.builds(
    IarSettings,
    executable=texts,
    macro=st.none() | texts,
    aggregate=st.booleans(),
    online=st.booleans(),
    arguments=arguments,
    arguments_doc=st.none() | texts | st.just("${free} [#text]"),
    relocatable=st.booleans(),
)


@st.composite
def ranges(draw: st.DrawFn) -> AddressRange:
    low, high = sorted((draw(addresses), draw(addresses)))
    return AddressRange(start=low, size_bytes=high - low + 1)


ignored_ranges = st.lists(st.builds(IgnoredRange, kind=words, range=ranges()), max_size=3).map(tuple)
passes = st.builds(
    BoardPass,
    texts,
    st.builds(
        PassFacts,
        range=st.none() | ranges(),
        address_delta=addresses,
        absolute_start=st.none() | addresses,
        args=arguments,
        loader_offset=st.none() | addresses,
        ignored=ignored_ranges,
    ),
)


@fuzz_settings
@given(devices(), settings)
@example(device(run(0, TOP, 1), page=TOP), PLAIN)
@example(device(run(0, 1, TOP)), IarSettings(executable="MACRO", arguments=("a\rb", "\x85", "\ud7ff", "]]>")))
def test_flash_file_is_read_back_as_it_was_written(wanted: Device, meant: IarSettings) -> None:
    read = read_flash_file(parse_xml(flash_file_bytes(wanted, meant)), wanted.name)
    assert (read.device, read.settings) == (wanted, meant)
    assert {notice.code for notice in read.notices} <= {"empty-block", "empty-page"}


@fuzz_settings
@given(st.lists(passes, min_size=1, max_size=4).map(tuple), ignored_ranges)
def test_board_file_is_read_back_as_it_was_written(
    wanted: tuple[BoardPass, ...], ignored: tuple[IgnoredRange, ...]
) -> None:
    read = read_board_file(parse_xml(board_file_bytes(wanted, ignored)))
    assert (read.passes, read.ignored, read.notices) == (wanted, ignored, ())


def test_what_was_odd_is_gone_in_the_new_file() -> None:
    odd = read_flash(*BASIC, "<gap>0x10</gap>", "<block>2 100</block>", "<aggregate>yes</aggregate>", "<new/>")
    new = read_flash_file(parse_xml(flash_file_bytes(odd.device, odd.settings)), "memory")
    assert len(odd.notices) == 3
    assert (new.device, new.settings, new.notices) == (odd.device, odd.settings, ())
