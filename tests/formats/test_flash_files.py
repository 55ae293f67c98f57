"""What a `.flash` file says, and how real ones differ (docs/formats/iar.md, What breaks a naive parser)."""

import pytest

from loaderconv_formats.iar.flash_file import read_flash_file
from loaderconv_formats.xml.document import parse_xml
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import DeviceKind, SectorRun
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.iar import IarSettings
from support.iar_texts import BASE, BASIC, BLOCK, EXE, PAGE, codes, flash_text, read_flash

EXECUTABLE = "$PROJ_DIR$\\loader.out"


def layout(*elements: str, base: str = "0x0") -> list[tuple[int, int, int]]:
    read = read_flash(EXE, PAGE, f"<flash_base>{base}</flash_base>", *elements)
    assert read.device.size_bytes == read.device.sectors[-1].end_offset_bytes
    return [(run.offset_bytes, run.sector_size_bytes, run.count) for run in read.device.sectors]


class TestTextbook:
    def test_device(self) -> None:
        device = read_flash(*BASIC).device
        assert (device.name, device.kind, device.type_code) == ("memory", DeviceKind.UNKNOWN, None)
        assert (device.base_address, device.size_bytes, device.page_size_bytes) == (0x0800_0000, 64 * 0x1000, 512)
        assert device.sectors == (SectorRun(offset_bytes=0, sector_size_bytes=0x1000, count=64),)
        assert (device.erased_value, device.program_timeout_ms, device.erase_timeout_ms) == (None, None, None)

    def test_settings_that_are_left_out(self) -> None:
        read = read_flash(*BASIC)
        assert read.settings == IarSettings(executable=EXECUTABLE)
        assert read.notices == ()

    def test_all_settings(self) -> None:
        read = read_flash(
            *BASIC,
            "<macro> $TOOLKIT_DIR$/config/memory.mac </macro>",
            "<aggregate>1</aggregate>",
            "<online>1</online>",
            "<args>--flash\r\n  --boot  \r\n</args>",
            "<args_doc>[--flash]\r\n  the internal one &amp; only ${it}.\r\n</args_doc>",
            "<relocatable_exe>1</relocatable_exe>",
        )
        assert read.settings == IarSettings(
            executable=EXECUTABLE,
            macro="$TOOLKIT_DIR$/config/memory.mac",
            aggregate=True,
            online=True,
            arguments=("--flash", "--boot"),
            arguments_doc="[--flash]\n  the internal one & only ${it}.",
            relocatable=True,
        )
        assert read.notices == ()

    def test_switches_that_are_off(self) -> None:
        off = ("<aggregate>0</aggregate>", "<online>0</online>", "<relocatable_exe>0</relocatable_exe>")
        assert read_flash(*BASIC, *off).settings == IarSettings(executable=EXECUTABLE)

    def test_any_order(self) -> None:
        extra = ("<aggregate>1</aggregate>", "<macro>a.mac</macro>")
        forwards = read_flash(*BASIC, *extra)
        backwards = read_flash(*reversed((*BASIC, *extra)))
        assert (forwards.device, forwards.settings) == (backwards.device, backwards.settings)


class TestLayout:
    def test_blocks_follow_each_other_in_the_files_order(self) -> None:
        assert layout("<block>4 0x4000</block>", "<block>1 0x10000</block>", "<block>7 0x20000</block>") == [
            (0, 0x4000, 4),
            (0x1_0000, 0x1_0000, 1),
            (0x2_0000, 0x2_0000, 7),
        ]

    def test_gap_moves_the_next_block_on(self) -> None:
        """The UICR of an nRF52840 is such a block, at 0x10001000."""
        blocks = ("<block>256 0x1000</block>", "<gap>0xFF01000</gap>", "<block>1 0x1000</block>")
        assert layout(*blocks) == [(0, 0x1000, 256), (0x1000_1000, 0x1000, 1)]

    def test_gap_lies_between_the_blocks_around_it(self) -> None:
        blocks = ("<gap>0x100</gap>", "<block>1 0x10</block>", "<block>1 0x20</block>", "<gap>0x200</gap>")
        assert layout(*blocks, "<gap>0x1</gap>", "<block>1 0x40</block>") == [
            (0x100, 0x10, 1),
            (0x110, 0x20, 1),
            (0x331, 0x40, 1),
        ]

    def test_gap_without_a_block_behind_it(self) -> None:
        read = read_flash(*BASIC, "<gap>0x100</gap>")
        assert (read.device.size_bytes, codes(read.notices)) == (64 * 0x1000, ["trailing-gap"])

    @pytest.mark.parametrize("text", ["64  0x1000", "\t64\r\n0x1000 ", "0x40 0X1000", "064 0x00001000", "64 0x1000"])
    def test_blanks_and_digits_do_not_matter(self, text: str) -> None:
        assert layout(f"<block>{text}</block>") == [(0, 0x1000, 64)]

    def test_layout_may_fill_the_address_space(self) -> None:
        device = read_flash(EXE, PAGE, "<block>1 0x100000000</block>", "<flash_base>0x0</flash_base>").device
        assert device.range == AddressRange(start=0, size_bytes=1 << 32)
        assert layout("<block>1 0x1000</block>", base="0xFFFFF000") == [(0, 0x1000, 1)]

    @pytest.mark.parametrize(
        ("base", "blocks", "end"),
        [
            ("0xFFFFF000", ("<block>2 0x1000</block>",), "0x100001000"),
            ("0x1", ("<block>1 0x100000000</block>",), "0x100000001"),
            ("0x0", ("<block>0x10000 0x10000</block>", "<block>1 0x1</block>"), "0x100000001"),
            ("0x0", ("<block>1 0x1</block>", "<gap>0xFFFFFFFF</gap>", "<block>1 0x1</block>"), "0x100000001"),
            ("0x0", ("<block>0x100000000 0x100000000</block>",), "0x10000000000000000"),
        ],
    )
    def test_layout_beyond_32_bits(self, base: str, blocks: tuple[str, ...], end: str) -> None:
        with pytest.raises(UnreadableInput, match=rf"<block> in line \d+ ends at {end}, beyond"):
            layout(*blocks, base=base)

    @pytest.mark.parametrize("block", ["0 0x1000", "64 0x0", "4294967296 0x0"])
    def test_block_without_bytes(self, block: str) -> None:
        read = read_flash(EXE, PAGE, BASE, f"<block>{block}</block>")
        assert (read.device.size_bytes, codes(read.notices)) == (0, ["empty-block"])
        assert [run.count for run in read.device.sectors] == [0]

    def test_page_without_bytes(self) -> None:
        read = read_flash(EXE, "<page>0</page>", BASE, BLOCK)
        assert (read.device.page_size_bytes, codes(read.notices)) == (0, ["empty-page"])


class TestMandatory:
    @pytest.mark.parametrize("missing", ["exe", "page", "block", "flash_base"])
    def test_missing_element_is_named(self, missing: str) -> None:
        with pytest.raises(UnreadableInput, match=rf"<flash_device> in line 3 has no <{missing}>"):
            read_flash(*(each for each in BASIC if not each.startswith(f"<{missing}>")))

    @pytest.mark.parametrize("empty", ["exe", "page", "block", "flash_base"])
    @pytest.mark.parametrize("content", ["", " \r\n", "<!-- 512 -->", "<x>512</x>"])
    def test_empty_element_is_named(self, empty: str, content: str) -> None:
        others = [each for each in BASIC if not each.startswith(f"<{empty}>")]
        with pytest.raises(UnreadableInput, match=rf"<{empty}> in line 7 is empty"):
            read_flash(*others, f"<{empty}>{content}</{empty}>")

    @pytest.mark.parametrize(
        "text",
        ["abc", "0x", "1000h", "0x10g", "1_000", "-1", "1.5", "+4", "0b1", "\u0661", "9" * 5000, "0x" + "f" * 17],
        ids=lambda text: ascii(text[:12]),
    )
    @pytest.mark.parametrize("name", ["page", "flash_base"])
    def test_text_that_is_no_number(self, name: str, text: str) -> None:
        others = [each for each in BASIC if not each.startswith(f"<{name}>")]
        text = text.encode("ascii", "xmlcharrefreplace").decode("ascii")
        with pytest.raises(UnreadableInput, match=rf'<{name}> in line 7 holds "\S+", which is no number') as refused:
            read_flash(*others, f"<{name}>{text}</{name}>")
        assert refused.value.message.isascii()
        assert len(refused.value.message) < 150

    @pytest.mark.parametrize(
        ("element", "limit"),
        [("<page>0x100000001</page>", "0x100000000"), ("<flash_base>0x100000000</flash_base>", "0xffffffff")],
    )
    def test_number_of_more_than_32_bits(self, element: str, limit: str) -> None:
        name = element[1 : element.index(">")]
        others = [each for each in BASIC if not each.startswith(f"<{name}>")]
        with pytest.raises(UnreadableInput, match=f"more than {limit}"):
            read_flash(*others, element)

    @pytest.mark.parametrize("text", ["64", "0x1000", "64 0x1000 2", "64, 0x1000", "64x0x1000", "64\u00a00x1000"])
    def test_block_is_two_numbers(self, text: str) -> None:
        with pytest.raises(UnreadableInput, match=r"<block> in line 7 holds .*"):
            read_flash(EXE, PAGE, BASE, f"<block>{text}</block>")

    def test_other_root(self) -> None:
        with pytest.raises(UnreadableInput, match="outermost element is <flash_board>, not <flash_device>"):
            read_flash_file(parse_xml(b"<flash_board/>"), "memory")


class TestOddities:
    """Nothing is left out without a notice."""

    @pytest.mark.parametrize(
        ("element", "code"),
        [
            ("<future>1</future>", "unknown-element"),
            ("<Page>4</Page>", "unknown-element"),
            ("<page>4</page>", "duplicate-element"),
            ("<exe>b.out</exe>", "duplicate-element"),
            ("<macro></macro>", "empty-element"),
            ("<args> </args>", "empty-element"),
            ("<args_doc/>", "empty-element"),
            ("<gap/>", "empty-element"),
            ("<macro>a.mac<exe>b.out</exe></macro>", "nested-element"),
            ("<macro kind='1'>a.mac</macro>", "attribute"),
            ("<args_doc kind='1'>text</args_doc>", "attribute"),
            ("<aggregate>yes</aggregate>", "odd-switch"),
            ("<online>2</online>", "odd-switch"),
            ("<args>a\r\n\r\nb</args>", "blank-argument"),
            ("stray", "stray-text"),
        ],
    )
    def test_notice(self, element: str, code: str) -> None:
        read = read_flash(*BASIC, element)
        assert codes(read.notices) == [code]
        assert "line 8" in read.notices[0].message or code == "stray-text"
        assert read.device == read_flash(*BASIC).device
        assert (read.settings.executable, read.settings.aggregate, read.settings.online) == (EXECUTABLE, False, False)

    def test_attributes_of_the_root(self) -> None:
        data = flash_text(*BASIC).replace(b"<flash_device>", b"<flash_device version='2'>")
        assert codes(read_flash_file(parse_xml(data), "memory").notices) == ["attribute"]

    def test_what_an_empty_element_holds_is_noticed_too(self) -> None:
        read = read_flash(*BASIC, "<macro kind='1'><path>a.mac</path></macro>")
        assert codes(read.notices) == ["attribute", "nested-element", "empty-element"]
        assert read.settings.macro is None

    def test_arguments_around_a_blank_line_are_kept(self) -> None:
        assert read_flash(*BASIC, "<args>a\r\n\r\nb</args>").settings.arguments == ("a", "b")

    def test_empty_arguments(self) -> None:
        assert read_flash(*BASIC, "<args></args>").settings.arguments == ()

    @pytest.mark.parametrize("text", ["08000000", "134217728"])
    def test_base_without_0x_is_decimal(self, text: str) -> None:
        read = read_flash(EXE, PAGE, BLOCK, f"<flash_base>{text}</flash_base>")
        assert (read.device.base_address, codes(read.notices)) == (int(text), ["decimal-address"])

    def test_base_of_zero_needs_no_0x(self) -> None:
        assert read_flash(EXE, PAGE, BLOCK, "<flash_base>0</flash_base>").notices == ()

    def test_notices_are_short_and_ascii(self) -> None:
        name = "\u00e9" * 5000
        read = read_flash(
            *BASIC, f"<{name}/>", f"<macro>a<{name}/></macro>", name, f"<online {name}=''>{name}</online>"
        )
        assert codes(read.notices).count("unknown-element") == 1
        assert all(each.message.isascii() and len(each.message) < 250 for each in read.notices)


class TestVariations:
    def test_01_blanks_before_the_declaration(self) -> None:
        """Variation 1: strict parsers refuse eight files of Dialog."""
        data = b" \r\n" + flash_text(*BASIC)
        read = read_flash_file(parse_xml(data), "memory")
        assert read.device == read_flash(*BASIC).device
        assert codes(read.notices) == ["leading-blanks"]

    @pytest.mark.parametrize(
        "template",
        [
            flash_text(EXE, PAGE, BASE, '<#if SIZE == "4"><block>1 0x1000</block></#if>'),
            flash_text(*BASIC, "<#-- generated -->"),
            flash_text(EXE, PAGE, BASE, "<block>${SECTORS_NBR} ${SECTORS_SIZE}</block>"),
            flash_text(EXE, "<page>${PAGE?number}</page>", BASE, BLOCK),
            flash_text("<exe>${LOADER}.out</exe>", PAGE, BASE, BLOCK),
            flash_text(*BASIC, "[#if x]", "<online>1</online>", "[/#if]"),
            b"[#ftl]\r\n" + flash_text(*BASIC),
            b'<#ftl output_format="XML">\r\n' + flash_text(*BASIC),
        ],
    )
    def test_02_template_of_cubemx(self, template: bytes) -> None:
        """Variation 2: a template has the suffix of what it becomes."""
        with pytest.raises(UnreadableInput, match="FreeMarker template"):
            read_flash_file(parse_xml(template), "memory")

    def test_03_aggregate_inside_args_doc(self) -> None:
        """Variation 3: three STM32G05x files lose their aggregate that way, and have args_doc twice."""
        lost = "<args_doc>text<aggregate>1</aggregate></args_doc>"
        read = read_flash(*BASIC, lost, "<args_doc>again</args_doc>")
        assert codes(read.notices) == ["duplicate-element", "nested-element"]
        assert "<aggregate> in line 8 stands inside <args_doc>" in read.notices[1].message
        assert (read.settings.aggregate, read.settings.arguments_doc) == (False, "text")

    @pytest.mark.parametrize("spelled", ["MACRO", "macro", " MACRO\r\n"])
    def test_04_macros_instead_of_an_executable(self, spelled: str) -> None:
        """Variation 4: `exe` is the word MACRO in seven files of ST."""
        settings = read_flash(f"<exe>{spelled}</exe>", PAGE, BLOCK, BASE, "<macro>a.mac</macro>").settings
        assert settings.is_macro_loader
        assert settings.macro == "a.mac"

    def test_05_block_size_without_0x(self) -> None:
        """Variation 5: 512 1000 means 1000 bytes, so that a page does not fit into the block."""
        read = read_flash(EXE, "<page>4096</page>", "<block>512 1000</block>", BASE)
        assert read.device.sectors == (SectorRun(offset_bytes=0, sector_size_bytes=1000, count=512),)
        assert codes(read.notices) == ["decimal-block-size"]

    def test_06_one_block_stands_for_the_whole_window(self) -> None:
        """Variation 6: NXP's universal loaders find the real layout at run time."""
        read = read_flash(EXE, PAGE, "<block>1 0x10000000</block>", "<flash_base>0x60000000</flash_base>")
        assert (read.device.smallest_sector_bytes, read.notices) == (0x1000_0000, ())

    @pytest.mark.parametrize(
        "path",
        [
            "$PROJ_DIR$/{SAMPLE_DEPTH}/loader.out",  # 9: a placeholder
            "${CMSIS_PACK_PATH_HDSC#HC32M120#1.0.0}$/FlashIAR/loader.out",  # 10: a pack, perhaps of another version
            "C:\\Users\\somebody\\loader.out",  # 12: an absolute path
        ],
    )
    def test_09_10_12_paths_are_kept_as_they_are(self, path: str) -> None:
        """Variations 9, 10 and 12: what becomes of a path is not the reader's business."""
        read = read_flash(f"<exe>{path}</exe>", PAGE, BLOCK, BASE)
        assert (read.settings.executable, read.notices) == (path, ())

    def test_11_macro_file_has_any_name(self) -> None:
        """Variation 11: seven files name a .mac that is shipped as .dmac."""
        settings = read_flash(*BASIC, "<macro>Trace_SAME51.mac</macro>").settings
        assert settings.macro == "Trace_SAME51.mac"

    @pytest.mark.parametrize(
        "data",
        [
            b"CONFIG_FLASH=y\n",
            b'# Copyright\nconfig BOARD\n\tbool "a < b"\n',
            b"\x7fELF\x01\x01\x01",
            b"",
            b"\r\n",
            b"<html><p>not <b>found</p></html>",
        ],
    )
    def test_25_other_files_of_that_name(self, data: bytes) -> None:
        """Variation 25: Kconfig and bootstrap use the suffixes as well."""
        with pytest.raises(UnreadableInput, match=r"not XML|damaged in line 1"):
            parse_xml(data)
