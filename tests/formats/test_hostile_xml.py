"""XML made to harm, and real shapes with damage: they are read or refused with a reason, whatever they are."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaderconv_formats.iar.board_file import BoardFile, read_board_file
from loaderconv_formats.iar.board_writer import board_file_bytes
from loaderconv_formats.iar.flash_file import FlashFile, read_flash_file
from loaderconv_formats.iar.flash_writer import flash_file_bytes
from loaderconv_formats.xml.document import MAX_DEPTH, MAX_ELEMENTS, MAX_XML_BYTES, XmlDocument, parse_xml
from loaderconv_schemas.errors import ExitCode, UnreadableInput
from support.fuzzing import fuzz_settings
from support.iar_texts import BASIC, board_text, flash_text, one_pass

FLASH_FILES = (
    flash_text(*BASIC),
    b"\xef\xbb\xbf\n"
    + flash_text(*BASIC, "<macro>a.mac</macro>", "<args>a\r\nb</args>", "<args_doc>&lt;a></args_doc>"),
    flash_text(*BASIC, "<gap>0xFF01000</gap>", "<block>1  0x1000</block>", "<!-- x -->", "<aggregate>1</aggregate>"),
)
BOARD_FILES = (
    board_text(one_pass("<range>CODE 0x0 0x7fff</range>")),
    board_text(
        one_pass("<range>CODE 0x0 0xFFFFFFFF</range>", "<rel_offset>-0x10000000</rel_offset>", "<args>a\r\nb</args>"),
        one_pass("<abs_offset>0x0</abs_offset>", "<loader_offset> 0x20000000</loader_offset>"),
        "<ignore>DATA_Z 0x0 0x1</ignore>",
    ),
)


def laughs() -> bytes:
    declared = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f"<!DOCTYPE flash_device [{declared}]><flash_device>&l11;</flash_device>".encode()


class TestDeclarations:
    @pytest.mark.parametrize(
        "data",
        [
            laughs(),
            b'<!DOCTYPE a [<!ENTITY e "' + b"x" * 100_000 + b'">]><a>' + b"&e;" * 100_000 + b"</a>",
            b"<!DOCTYPE flash_device><flash_device/>",
            b"<!DOCTYPE a [<!ELEMENT a ANY>]><a/>",
            b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/p"> %p;]><a/>',
            b'<!DOCTYPE a PUBLIC "-//A//B" "http://127.0.0.1/x.dtd"><a/>',
        ],
        ids=["billion laughs", "quadratic", "doctype", "internal", "parameter entity", "public"],
    )
    def test_document_type_is_refused(self, data: bytes) -> None:
        with pytest.raises(UnreadableInput, match="document type declaration"):
            parse_xml(data)

    def test_no_other_file_is_opened(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("secret", encoding="ascii")
        data = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]><a>&e;</a>'.encode()
        with pytest.raises(UnreadableInput, match="document type declaration") as refused:
            parse_xml(data)
        assert "secret" not in refused.value.message

    def test_undefined_entity(self) -> None:
        with pytest.raises(UnreadableInput, match=r"damaged in line 2: undefined entity"):
            parse_xml(b"<a>\n&nbsp;</a>")


class TestBounds:
    def test_size(self) -> None:
        head, tail = b"<a>", b"</a>"
        fits = head + b" " * (MAX_XML_BYTES - len(head) - len(tail)) + tail
        assert parse_xml(fits).root.name == "a"
        with pytest.raises(UnreadableInput, match=f"up to {MAX_XML_BYTES}"):
            parse_xml(fits + b" ")

    def test_elements(self) -> None:
        fits = b"<a>" + b"<b/>" * (MAX_ELEMENTS - 1) + b"</a>"
        assert len(parse_xml(fits).root.children) == MAX_ELEMENTS - 1
        with pytest.raises(UnreadableInput, match=f"more than {MAX_ELEMENTS} elements"):
            parse_xml(b"<a>" + b"<b/>" * 1_000_000)

    def test_depth(self) -> None:
        assert len(list(parse_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).root)) == MAX_DEPTH
        with pytest.raises(UnreadableInput, match=f"more than {MAX_DEPTH} elements inside"):
            parse_xml(b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1))
        with pytest.raises(UnreadableInput, match=f"more than {MAX_DEPTH} elements inside"):
            parse_xml(b"<a>" * 300_000)

    def test_attributes_are_read(self) -> None:
        attributes = b" ".join(b'a%d=">"' % number for number in range(50_000))
        assert len(parse_xml(b"<a " + attributes + b"/>").root.attributes) == 50_000

    def test_long_text_is_one_text(self) -> None:
        assert parse_xml(b"<a>" + b"x\r\n&amp;" * 100_000 + b"</a>").root.text == "x\n&" * 100_000

    @pytest.mark.parametrize(
        "data",
        [
            b"<" * 1_000_000,
            b"<a " + b'"' * 1_000_000,
            b"<a b='" + b"x" * 1_000_000,
            b"<?xml " + b"encoding " * 100_000,
            b"<?xml encoding" + b" " * 1_000_000,
            b"\0" * 1_000_000,
            b"<a>\0</a>",
            b"<a b='\0'/>",
            b"<a><![CDATA[" + b"]" * 1_000_000,
            b"<!--" + b"-" * 1_000_000,
            b"<a>" + b"&" * 1_000_000,
            b"<#if " * 200_000,
            b"<a/><b/>",
            b"<a b='1' b='2'/>",
            b"<x:a/>",
            b"<a>&#0;</a>",
            b"<a>&#xD800;</a>",
        ],
        ids=lambda data: repr(data[:12]),
    )
    def test_nonsense_is_refused(self, data: bytes) -> None:
        with pytest.raises(UnreadableInput) as refused:
            parse_xml(data)
        assert len(refused.value.message) < 200

    def test_number_of_many_digits(self) -> None:
        data = flash_text(*BASIC).replace(b"512", b"9" * 1_000_000)
        with pytest.raises(UnreadableInput, match="no number"):
            read_flash_file(parse_xml(data), "memory")

    def test_many_oddities_are_all_noticed(self) -> None:
        read = read_flash_file(parse_xml(flash_text(*BASIC, *["<b/>"] * 9_000)), "memory")
        assert len(read.notices) == 9_000


def read_flash_or_refusal(data: bytes) -> FlashFile | None:
    try:
        return read_flash_file(unchanged(data), "damaged")
    except UnreadableInput as refusal:
        assert_tells(refusal)
        return None


def read_board_or_refusal(data: bytes) -> BoardFile | None:
    try:
        return read_board_file(unchanged(data))
    except UnreadableInput as refusal:
        assert_tells(refusal)
        return None


def unchanged(data: bytes) -> XmlDocument:
    document = parse_xml(data)
    assert document.data == data
    return document


def assert_tells(refusal: UnreadableInput) -> None:
    assert refusal.message.isascii()
    assert refusal.message.isprintable()
    assert len(refusal.message) < 250
    assert refusal.hint
    assert refusal.exit_code == ExitCode.UNREADABLE


_PIECES = (
    b"<",
    b">",
    b"/>",
    b"&",
    b"&amp;",
    b"&#13;",
    b"\r",
    b"\n",
    b"\0",
    b"\xff",
    b"\xc3\xa9",
    b"]]>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"<block>",
    b"</block>",
    b"<gap>0x1</gap>",
    b"<args>\ra\r\n\n b</args>",
    b"<exe>MACRO</exe>",
    b"<!DOCTYPE a>",
    b"0x",
    b"-",
    b"0xFFFFFFFF",
    b"4294967296",
    b"${x}",
    b"<#if>",
    b" a='1'",
    b"UTF-8",
    b"utf-16",
    b"windows-1252",
)


@st.composite
def damaged(draw: st.DrawFn, originals: tuple[bytes, ...]) -> bytes:
    """Return one of the files with one to six of its stretches replaced, doubled or cut."""
    data = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        stretch = draw(st.integers(0, 24))
        match draw(st.sampled_from(("put", "put", "put", "byte", "copy", "remove", "cut"))):
            case "put":
                data = data[:at] + draw(st.sampled_from(_PIECES)) + data[at + draw(st.integers(0, 3)) :]
            case "byte":
                data = data[:at] + bytes([draw(st.integers(0, 255))]) + data[at + 1 :]
            case "copy":
                start = draw(st.integers(0, len(data)))
                data = data[:at] + data[start : start + stretch] + data[at:]
            case "remove":
                data = data[:at] + data[at + stretch :]
            case _:
                data = data[:at] if draw(st.integers(0, 5)) == 0 else data
    return data


@fuzz_settings
@given(damaged(FLASH_FILES))
def test_damaged_flash_file_is_refused_or_can_be_written_anew(data: bytes) -> None:
    read = read_flash_or_refusal(data)
    if read is not None:
        again = read_flash_file(parse_xml(flash_file_bytes(read.device, read.settings)), "damaged")
        assert (again.device, again.settings) == (read.device, read.settings)
        assert all(notice.message.isascii() for notice in read.notices)


@fuzz_settings
@given(damaged(BOARD_FILES))
def test_damaged_board_file_is_refused_or_can_be_written_anew(data: bytes) -> None:
    read = read_board_or_refusal(data)
    if read is not None:
        again = read_board_file(parse_xml(board_file_bytes(read.passes, read.ignored)))
        assert (again.passes, again.ignored) == (read.passes, read.ignored)
        assert all(notice.message.isascii() for notice in read.notices)


@fuzz_settings
@given(st.binary(max_size=300), st.sampled_from((b"", b"<", b"<?xml ", b"<flash_device>", b"<flash_board><pass>")))
def test_bytes_without_sense_are_refused(data: bytes, front: bytes) -> None:
    assert read_flash_or_refusal(front + data) is None
    assert read_board_or_refusal(front + data) is None
