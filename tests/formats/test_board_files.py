"""What a `.board` file says, and how real ones differ (docs/formats/iar.md, What breaks a naive parser)."""

import pytest

from loaderconv_formats.iar.board_file import read_board_file
from loaderconv_formats.xml.document import parse_xml
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.iar import IgnoredRange
from support.iar_texts import LOADER, board_text, codes, one_pass, read_board

SPELLED = "$PROJ_DIR$\\memory.flash"


def facts_of(*elements: str) -> PassFacts:
    (only,) = read_board(one_pass(*elements)).passes
    return only.facts


class TestTextbook:
    def test_pass_with_nothing_but_a_loader(self) -> None:
        read = read_board(one_pass())
        (only,) = read.passes
        assert (only.loader_spelled, only.facts) == (SPELLED, PassFacts())
        assert (read.ignored, read.notices) == ((), ())

    def test_pass_with_everything(self) -> None:
        read = read_board(
            one_pass(
                "<range>CODE 0x404000 0x7FFFFF</range>",
                "<rel_offset>0x100</rel_offset>",
                "<abs_offset>0x100c1000</abs_offset>",
                "<loader_offset> 0x20000000</loader_offset>",
                "<args>\r\n      0\r\n      0x404000\r\n    </args>",
                "<ignore>DATA_Z 0x500000 0x5fffff</ignore>",
                "<ignore>CODE 0x700000 0x700000</ignore>",
            )
        )
        (only,) = read.passes
        assert only.facts == PassFacts(
            range=AddressRange(start=0x40_4000, size_bytes=0x3F_C000),
            address_delta=0x100,
            absolute_start=0x100C_1000,
            loader_offset=0x2000_0000,
            args=("0", "0x404000"),
            ignored=(
                IgnoredRange(kind="DATA_Z", range=AddressRange(start=0x50_0000, size_bytes=0x10_0000)),
                IgnoredRange(kind="CODE", range=AddressRange(start=0x70_0000, size_bytes=1)),
            ),
        )
        assert read.notices == ()

    def test_passes_keep_their_order(self) -> None:
        passes = (f"<pass><range>CODE {n} {n}</range><loader>{n}.flash</loader></pass>" for n in (3, 1, 2))
        assert [each.loader_spelled for each in read_board(*passes).passes] == ["3.flash", "1.flash", "2.flash"]

    def test_whole_address_space(self) -> None:
        assert facts_of("<range>CODE 0x0 0xFFFFFFFF</range>").range == AddressRange(start=0, size_bytes=1 << 32)

    def test_path_keeps_its_spelling(self) -> None:
        path = "$TOOLKIT_DIR$/config\\flashloader/&lt;a &amp; b&gt;.flash"
        (only,) = read_board(f"<pass><loader> {path} </loader></pass>").passes
        assert only.loader_spelled == "$TOOLKIT_DIR$/config\\flashloader/<a & b>.flash"


class TestRefusals:
    def test_no_pass(self) -> None:
        with pytest.raises(UnreadableInput, match=r"<flash_board> in line 3 has no <pass>"):
            read_board("<ignore>CODE 0x0 0x1</ignore>")

    @pytest.mark.parametrize(
        ("bad", "fact"),
        [
            ("<range>CODE 0x0 0x1</range>", "<pass> in line 5 has no <loader>"),
            ("<loader> </loader>", "<loader> in line 5 is empty"),
            (
                LOADER + "<range>CODE 0x2 0x1</range>",
                "<range> in line 5 begins at 0x00000002, behind its end at 0x00000001",
            ),
            (LOADER + "<range>0x0 0x1</range>", '<range> in line 5 holds "0x0 0x1" instead of'),
            (LOADER + "<range>CODE 0x0 0x1 0x2</range>", "instead of"),
            (LOADER + "<range>CODE 0x0 7fff</range>", '<range> in line 5 holds "7fff", which is no number'),
            (LOADER + "<range>CODE 0x0 0x100000000</range>", "more than 0xffffffff"),
            (LOADER + "<ignore>CODE 0x2 0x1</ignore>", "<ignore> in line 5 begins at"),
            (LOADER + "<rel_offset>--1</rel_offset>", "<rel_offset> in line 5 holds"),
            (LOADER + "<rel_offset>- 1</rel_offset>", "<rel_offset> in line 5 holds"),
            (LOADER + "<rel_offset>-0x100000000</rel_offset>", "more than 0xffffffff"),
            (LOADER + "<abs_offset>-1</abs_offset>", "<abs_offset> in line 5 holds"),
            (LOADER + "<loader_offset>ram</loader_offset>", "<loader_offset> in line 5 holds"),
        ],
    )
    def test_message_names_the_pass_and_the_line(self, bad: str, fact: str) -> None:
        with pytest.raises(UnreadableInput) as refused:
            read_board(one_pass(), f"<pass>{bad}</pass>")
        assert refused.value.message.startswith("Pass 2: ")
        assert fact in refused.value.message

    def test_other_root(self) -> None:
        with pytest.raises(UnreadableInput, match="outermost element is <flash_device>, not <flash_board>"):
            read_board_file(parse_xml(b"<flash_device/>"))


class TestOddities:
    """Nothing is left out without a notice."""

    @pytest.mark.parametrize(
        ("element", "code"),
        [
            ("<future>1</future>", "unknown-element"),
            ("<pass/>", "unknown-element"),
            ("<loader>other.flash</loader>", "duplicate-element"),
            ("<range/>", "empty-element"),
            ("<rel_offset> </rel_offset>", "empty-element"),
            ("<args></args>", "empty-element"),
            ("<ignore/>", "empty-element"),
            ("<args>a<b/></args>", "nested-element"),
            ("<abs_offset unit='1'>0x0</abs_offset>", "attribute"),
            ("<abs_offset>16</abs_offset>", "decimal-address"),
            ("<args>a\r\n\r\nb</args>", "blank-argument"),
            ("stray", "stray-text"),
        ],
    )
    def test_notice_in_a_pass(self, element: str, code: str) -> None:
        read = read_board(one_pass(element))
        assert codes(read.notices) == [code]
        assert "line 4" in read.notices[0].message
        assert read.passes[0].loader_spelled == SPELLED

    @pytest.mark.parametrize(
        ("element", "code"),
        [("<loader>a.flash</loader>", "unknown-element"), ("<ignore/>", "empty-element"), ("stray", "stray-text")],
    )
    def test_notice_in_the_root(self, element: str, code: str) -> None:
        assert codes(read_board(one_pass(), element).notices) == [code]

    def test_first_of_two_counts(self) -> None:
        read = read_board(one_pass("<range>CODE 0x0 0x1</range>", "<range>CODE 0x2 0x3</range>"))
        assert read.passes[0].facts.range == AddressRange(start=0, size_bytes=2)
        assert codes(read.notices) == ["duplicate-element"]

    def test_range_of_another_kind_is_kept(self) -> None:
        read = read_board(one_pass("<range>DATA 0x0 0x1</range>"))
        assert read.passes[0].facts.range == AddressRange(start=0, size_bytes=2)
        assert codes(read.notices) == ["range-kind"]

    def test_empty_range_is_no_range(self) -> None:
        assert facts_of("<range></range>").range is None


class TestVariations:
    def test_01_blanks_before_the_declaration(self) -> None:
        """Variation 1."""
        read = read_board_file(parse_xml(b"\n" + board_text(one_pass())))
        assert codes(read.notices) == ["leading-blanks"]

    @pytest.mark.parametrize(
        "element", ["<#if x>", "<range>CODE ${BASE} ${END}</range>", "<ignore>${KIND} 0x0 0x1</ignore>", "[#if x]"]
    )
    def test_02_template_of_cubemx(self, element: str) -> None:
        """Variation 2."""
        with pytest.raises(UnreadableInput, match="FreeMarker template"):
            read_board(one_pass(element))

    @pytest.mark.parametrize(
        ("spelled", "start", "delta", "moved"),
        [
            ("-0x10000000", 0x1800_0000, 0xF000_0000, 0x0800_0000),  # RT500
            ("0x70000000", 0x9000_0000, 0x7000_0000, 0),  # H7
            ("-268435456", 0x1800_0000, 0xF000_0000, 0x0800_0000),
            ("+16", 0, 16, 16),
            (" 0 ", 0, 0, 0),
            ("-0", 0, 0, 0),
            ("-0xFFFFFFFF", 0, 1, 1),
        ],
    )
    def test_07_offset_wraps(self, spelled: str, start: int, delta: int, moved: int) -> None:
        """Variation 7: a rel_offset may be negative, or wrap at 2**32."""
        facts = facts_of(f"<range>CODE 0x{start:x} 0xFFFFFFFF</range>", f"<rel_offset>{spelled}</rel_offset>")
        assert facts.address_delta == delta
        assert (start + facts.address_delta) % (1 << 32) == moved

    def test_08_no_range(self) -> None:
        """Variation 8, first part: all of the image."""
        assert facts_of().range is None

    def test_08_ignore_at_root_and_in_a_pass(self) -> None:
        """Variation 8, second part."""
        read = read_board(
            "<ignore>DATA_Z 0x0 0xFFFFFFFF</ignore>",
            one_pass("<ignore>CODE 0x10 0x1f</ignore>"),
            one_pass(),
            "<ignore>CODE 0x20 0x2f</ignore>",
        )
        assert [str(each.range) for each in read.ignored] == ["0x00000000..0xffffffff", "0x00000020..0x0000002f"]
        assert [each.kind for each in read.ignored] == ["DATA_Z", "CODE"]
        assert [[str(each.range) for each in one.facts.ignored] for one in read.passes] == [
            ["0x00000010..0x0000001f"],
            [],
        ]

    def test_08_several_absolute_offsets(self) -> None:
        """Variation 8, third part: each pass keeps its own."""
        read = read_board(*(one_pass(f"<abs_offset>0x{n}000</abs_offset>") for n in (1, 2)))
        assert [each.facts.absolute_start for each in read.passes] == [0x1000, 0x2000]

    @pytest.mark.parametrize(
        ("spelled", "size_bytes"),
        [
            ("0x80000 0x90000", 0x1_0001),  # 13: the end as an exclusive one
            ("0x00400000 0x00600000", 0x20_0001),  # 13 and 14: Microchip, twice as long as its blocks
            ("0x08000000 0x08FFFFFF", 0x100_0000),  # 15: 16 MB on a device of 1 MB
            ("0x03000000 0x030017FF", 0x1800),  # 16: OTP, unlike the blocks
        ],
    )
    def test_13_14_15_16_range_is_what_the_file_says(self, spelled: str, size_bytes: int) -> None:
        """Variations 13 to 16: whether a range fits its blocks is not the reader's business."""
        read = facts_of(f"<range>CODE {spelled}</range>").range
        assert read is not None
        assert read.size_bytes == size_bytes

    def test_25_board_files_of_other_tools(self) -> None:
        """Variation 25: Kconfig.board and bootstrap's boards."""
        with pytest.raises(UnreadableInput, match="not XML"):
            parse_xml(b"# SPDX\nconfig BOARD_SOMETHING\n\tbool\n")
        with pytest.raises(UnreadableInput, match="outermost element is <board>"):
            read_board_file(parse_xml(b"<board/>"))
