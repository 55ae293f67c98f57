"""The XML document loses no byte, and an edit changes no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaderconv_formats.xml.document import XmlDocument, XmlElement, parse_xml
from loaderconv_schemas.errors import ConversionRefused, UnreadableInput
from support.fuzzing import fuzz_settings


def only(document: XmlDocument, name: str) -> XmlElement:
    (found,) = (element for element in document.root if element.name == name)
    return found


def source(document: XmlDocument, element: XmlElement) -> bytes:
    return document.data[element.start : element.end]


def content(document: XmlDocument, element: XmlElement) -> bytes:
    return document.data[element.content_start : element.content_end]


AWKWARD = (
    b'\xef\xbb\xbf \r\n<?xml version="1.0"?>\r\n<!-- <page>1</page> -->\n<a one="/>" two=\'">\'>\r\n'
    b"  <b/><b></b ><b >x &amp; y/></b\n>\r\n  <c><![CDATA[<c>]]></c>\n<?pi <d> ?>\t<d>1<!-- > -->2<e/>3</d>\r\n"
    b"</a>\n<!-- end -->\r\n\r\n"
)


class TestReading:
    def test_awkward_file_is_kept_byte_for_byte(self) -> None:
        assert parse_xml(AWKWARD).data == AWKWARD

    def test_spans_of_elements_are_their_markup(self) -> None:
        document = parse_xml(AWKWARD)
        root = document.root
        assert source(document, root) == AWKWARD[AWKWARD.index(b"<a ") : AWKWARD.index(b"\n<!-- end")]
        assert [source(document, child) for child in root.children] == [
            b"<b/>",
            b"<b></b >",
            b"<b >x &amp; y/></b\n>",
            b"<c><![CDATA[<c>]]></c>",
            b"<d>1<!-- > -->2<e/>3</d>",
        ]
        assert [content(document, child) for child in root.children] == [
            b"",
            b"",
            b"x &amp; y/>",
            b"<![CDATA[<c>]]>",
            b"1<!-- > -->2<e/>3",
        ]

    def test_text_is_decoded_and_without_that_of_children(self) -> None:
        root = parse_xml(AWKWARD).root
        assert [child.text for child in root.children] == ["", "", "x & y/>", "<c>", "123"]
        assert root.text.strip() == ""
        assert root.attributes == {"one": "/>", "two": '">'}

    def test_lines_count_from_the_start_of_the_file(self) -> None:
        root = parse_xml(AWKWARD).root
        assert (root.line, [child.line for child in root.children]) == (4, [5, 5, 5, 7, 8])
        assert root.place == "<a> in line 4"

    @pytest.mark.parametrize(
        ("front", "had_blanks"),
        [
            (b'<?xml version="1.0"?>', False),
            (b'\xef\xbb\xbf<?xml version="1.0"?>', False),
            (b'\r\n\t <?xml version="1.0"?>', True),
            (b'\xef\xbb\xbf <?xml version="1.0"?>', True),
            (b"\r\n", False),
            (b"", False),
        ],
    )
    def test_blanks_count_only_in_front_of_a_declaration(self, front: bytes, had_blanks: bool) -> None:
        document = parse_xml(front + b"<a>1</a>")
        assert (document.had_leading_blanks, document.data, document.root.text) == (
            had_blanks,
            front + b"<a>1</a>",
            "1",
        )

    @pytest.mark.parametrize(
        ("declared", "raw", "text"),
        [
            ("iso-8859-1", b"\xe9\x85", "\xe9\x85"),
            ("ISO_8859-15", b"\xa4", "\u20ac"),
            ("latin1", b"\xa4", "\xa4"),
            ("UTF-8", b"\xc3\xa9", "\xe9"),
            ("utf8", b"\xe2\x82\xac", "\u20ac"),
            ("windows-1252", b"\x80", "\u20ac"),
            ("CP1251", b"\xc0", "\u0410"),
            ("US-ASCII", b"e", "e"),
        ],
    )
    def test_declared_encoding_decodes(self, declared: str, raw: bytes, text: str) -> None:
        document = parse_xml(b'<?xml version="1.0" encoding="' + declared.encode() + b'"?><a>' + raw + b"</a>")
        assert document.root.text == text
        assert content(document, document.root) == raw

    def test_mark_of_utf8_outweighs_the_declaration(self) -> None:
        document = parse_xml(b'\xef\xbb\xbf<?xml version="1.0" encoding="iso-8859-1"?><a>\xc3\xa9</a>')
        assert document.root.text == "\xe9"

    def test_without_declaration_it_is_utf8(self) -> None:
        assert parse_xml(b"<a>\xc3\xa9</a>").root.text == "\xe9"
        with pytest.raises(UnreadableInput, match=r"line 1: not well-formed"):
            parse_xml(b"<a>\xe9</a>")

    @pytest.mark.parametrize("declared", ["utf-16", "gb2312", "unicode_escape", "rot13", "utf-7", "x" * 100, ""])
    def test_encoding_that_is_not_read_is_named(self, declared: str) -> None:
        with pytest.raises(UnreadableInput, match=r"declares the encoding") as refused:
            parse_xml(f'<?xml version="1.0" encoding="{declared}"?><a/>'.encode())
        assert declared[:40] in refused.value.message
        assert len(refused.value.message) < 150

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
    def test_utf16_is_named(self, encoding: str) -> None:
        with pytest.raises(UnreadableInput, match="UTF-16"):
            parse_xml('<?xml version="1.0"?><a/>'.encode(encoding))

    def test_damage_is_found_in_its_line_of_the_whole_file(self) -> None:
        with pytest.raises(UnreadableInput, match=r"damaged in line 5: mismatched tag"):
            parse_xml(b'\n\n<?xml version="1.0"?>\n<a>\n</b>')

    @pytest.mark.parametrize("cut", range(1, len(AWKWARD.rstrip()) - len("<!-- end -->") - 1))
    def test_truncated_file_is_refused(self, cut: int) -> None:
        with pytest.raises(UnreadableInput):
            parse_xml(AWKWARD[:cut])


class TestEditing:
    def test_one_text_is_replaced_and_nothing_else(self) -> None:
        data = AWKWARD.replace(b"<b/>", b"<page> 512 </page>")
        document = parse_xml(data)
        edited = document.replace_text(only(document, "page"), "256")
        assert edited.data == data.replace(b"> 512 <", b">256<")
        assert only(edited, "page").text == "256"
        assert document.data == data

    @pytest.mark.parametrize(
        ("element", "expected"),
        [
            (b"<a/>", b"<a>n</a>"),
            (b'<a b="/" />', b'<a b="/" >n</a>'),
            (b"<a></a>", b"<a>n</a>"),
            (b"<a ></a >", b"<a >n</a >"),
            (b"<a><![CDATA[<]]></a>", b"<a>n</a>"),
            (b'<x:a xmlns:x="urn:x"/>', b'<x:a xmlns:x="urn:x">n</x:a>'),
        ],
    )
    def test_every_form_of_an_element_takes_a_text(self, element: bytes, expected: bytes) -> None:
        document = parse_xml(element)
        assert document.replace_text(document.root, "n").data == expected

    def test_the_text_that_it_has_changes_nothing(self) -> None:
        document = parse_xml(b"<a>x&#38;<![CDATA[y]]></a>")
        assert document.replace_text(document.root, "x&y").data == document.data

    def test_markup_in_the_text_is_escaped(self) -> None:
        document = parse_xml(b"<a/>")
        edited = document.replace_text(document.root, "<b>&amp;]]>\r")
        assert edited.data == b"<a>&lt;b&gt;&amp;amp;]]&gt;&#13;</a>"
        assert edited.root.text == "<b>&amp;]]>\r"

    @pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
    def test_new_lines_end_as_the_files_do(self, newline: bytes) -> None:
        document = parse_xml(b"<a>" + newline + b"</a>")
        edited = document.replace_text(document.root, "1\n2")
        assert edited.data == b"<a>1" + newline + b"2</a>"
        assert edited.root.text == "1\n2"

    def test_text_is_written_in_the_files_encoding(self) -> None:
        head = b'<?xml version="1.0" encoding="windows-1252"?>'
        document = parse_xml(head + b"<a/>")
        assert document.replace_text(document.root, "\u20ac").data == head + b"<a>\x80</a>"

    @pytest.mark.parametrize(
        ("declared", "text", "message"),
        [
            ("iso-8859-1", "\u20ac", r"encoding ISO-8859-1 has no character U\+20AC"),
            ("us-ascii", "\xe9", r"encoding US-ASCII has no character U\+00E9"),
            ("utf-8", "\0", r"XML cannot hold the character U\+0000"),
            ("utf-8", "\ud800", r"XML cannot hold the character U\+D800"),
            ("utf-8", "\uffff", r"XML cannot hold the character U\+FFFF"),
        ],
    )
    def test_character_without_a_place_is_refused(self, declared: str, text: str, message: str) -> None:
        document = parse_xml(f'<?xml version="1.0" encoding="{declared}"?><a/>'.encode())
        with pytest.raises(ConversionRefused, match=message):
            document.replace_text(document.root, text)

    @pytest.mark.parametrize("inner", [b"<b/>", b"<!-- why -->", b"<?pi?>"])
    def test_more_than_text_is_not_thrown_away(self, inner: bytes) -> None:
        document = parse_xml(b"<a>1" + inner + b"</a>")
        with pytest.raises(ConversionRefused, match=r"<a> in line 1 holds comments or elements"):
            document.replace_text(document.root, "2")

    def test_element_of_another_document_is_a_mistake(self) -> None:
        document = parse_xml(b"<a>1</a>")
        edited = document.replace_text(document.root, "2")
        with pytest.raises(ValueError, match="another document"):
            edited.replace_text(document.root, "3")


blanks = st.text("\t\n\r ", max_size=3)
texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="<&>"), max_size=8)
noise = st.one_of(
    blanks, texts, st.sampled_from(("<!-- <a> -->", "<?pi a?>", "<![CDATA[<a/>]]>", "&#65;", "&lt;", "/>"))
)


@st.composite
def markup(draw: st.DrawFn, depth: int = 3) -> str:
    name = draw(st.sampled_from("abc"))
    attributes = draw(st.sampled_from(("", ' b="/>"', " c='\">'", " ")))
    if draw(st.booleans()):
        return f"<{name}{attributes}/>"
    inner = st.one_of(noise, markup(depth - 1)) if depth else noise
    return f"<{name}{attributes}>{''.join(draw(st.lists(inner, max_size=4)))}</{name}{draw(blanks)}>"


@st.composite
def files(draw: st.DrawFn) -> bytes:
    encoding = draw(st.sampled_from(("iso-8859-1", "UTF-8")))
    text = draw(blanks) + f'<?xml version="1.0" encoding="{encoding}"?>' + draw(blanks) + draw(markup()) + draw(blanks)
    return text.encode(encoding)


@fuzz_settings
@given(files())
def test_every_file_is_kept_and_every_span_is_one_element(data: bytes) -> None:
    document = parse_xml(data)
    assert document.data == data
    head = b'<?xml version="1.0" encoding="' + document.encoding.encode() + b'"?>'
    for element in document.root:
        alone = parse_xml(head + source(document, element))
        assert (alone.root.name, alone.root.text, alone.root.attributes) == (
            element.name,
            element.text,
            element.attributes,
        )
        assert [each.name for each in alone.root] == [each.name for each in element]
        assert element.line == len((data[: element.start] + b"<").splitlines())


@fuzz_settings
@given(files(), st.data())
def test_edit_keeps_all_bytes_around_one_content(data: bytes, choose: st.DataObject) -> None:
    document = parse_xml(data)
    plain = [element for element in document.root if not element.has_markup]
    if not plain:
        return
    element = choose.draw(st.sampled_from(plain))
    text = choose.draw(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=8))
    number = list(document.root).index(element)
    edited = document.replace_text(element, text)
    changed = list(edited.root)[number]
    assert changed.text == text
    assert [each.text for each in edited.root if each is not changed] == [
        each.text for each in document.root if each is not element
    ]
    assert edited.data.startswith(data[: element.start])
    assert edited.data.endswith(data[element.end :])
    if element.content_start < element.end:
        assert edited.data[: changed.content_start] == data[: element.content_start]
        assert edited.data[changed.content_end :] == data[element.content_end :]
