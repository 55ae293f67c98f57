"""The summary of a step: read by a Markdown parser, it says what was meant."""

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from loaderconv.report.step_summary import LIMIT_BYTES, step_summary
from loaderconv_schemas.lint import LintReport, SkippedRule
from loaderconv_schemas.severity import Severity
from support.lint_reports import (
    CLEAN,
    FLASH,
    HIDDEN,
    MARKUP,
    MEMBER,
    NO_RAM,
    REPORT,
    STLDR,
    WHOLE,
    finding,
    linted,
    unread,
)

GOLDEN = Path(__file__).parent / "golden" / "step_summary.md"


def tables(text: str) -> list[list[list[str]]]:
    """Return the texts of all cells, by table and row; of inline HTML, only `<code>` and `<br>` are known."""
    found: list[list[list[str]]] = []
    inside = False
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        if token.type in ("table_open", "table_close"):
            inside = token.type == "table_open"
            found += [[]] if inside else []
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and inside:
            found[-1][-1].append("".join(_text(child.type, child.content) for child in token.children or []))
    return found


def _text(kind: str, content: str) -> str:
    if kind == "html_inline":
        assert content in ("<code>", "</code>", "<br>")
        return "\n" if content == "<br>" else ""
    assert kind in ("text", "text_special", "strong_open", "strong_close", "softbreak"), (kind, content)
    return content


def summary_of(*files: object, **others: object) -> str:
    return step_summary(LintReport.model_validate({"files": files, **others}))


def test_text_is_the_committed_one() -> None:
    assert step_summary(REPORT) == GOLDEN.read_text("utf-8")


def test_findings() -> None:
    head, *rows = tables(step_summary(REPORT))[0]
    assert head == ["", "Rule", "Place", "Finding"]
    assert [row[:2] for row in rows] == [
        ["error", ""],
        ["error", "STL009"],
        ["error", "FLM047"],
        ["warning", "STL030"],
        ["warning", "IAR023"],
        ["warning", ""],
        ["note", "STL060"],
    ]
    assert rows[0][2:] == ["keil/broken.FLM", "keil/broken.FLM is not an ELF file.\nName a loader."]
    assert rows[1][2] == "loaders/W25Q64_[x].stldr\nStorageInfo at 0x2000412c, file offset 0x1234"
    assert rows[6][3] == f"{MARKUP}\nFix: Leave it."
    assert rows[2][2].startswith("Vendor.Chip_DFP.1.0.0.pack: Flash/Chip 512.FLM\n")
    assert rows[5][2:] == ["pyproject.toml", "Applies to nothing any more: FLM099 for keil/*.FLM."]


@pytest.mark.parametrize(
    "odd",
    [
        "a|b",
        "`a`",
        "``",
        "a\\|b",
        "<script>x</script>",
        "&lt;",
        "__a__ _b_ *c* ~~d~~",
        "[a](b)",
        "$x$",
        "![i](j)",
        "# a",
    ],
)
def test_odd_texts(odd: str) -> None:
    text = summary_of(linted(odd, finding(message=odd, fix=odd, place=WHOLE)))
    (_, row), *_ = tables(text)
    assert row[2:] == [odd, f"{odd}\nFix: {odd}"]


def test_control_characters_are_escapes() -> None:
    (_, row), *_ = tables(summary_of(linted("a\x1b[1m", finding(message="x\ny\r\x9b2J\u2028", place=WHOLE))))
    assert row[2] == r"a\x1b[1m"
    assert row[3].startswith(r"x\ny\r\x9b2J\u2028" + "\n")


def test_counts() -> None:
    assert "\nNo findings in 1 file.\n" in summary_of(CLEAN)
    assert "1 warning in 2 files; 2 skipped, no loaders. Not shown: 4 ignored, 2 in the baseline." in summary_of(
        FLASH, HIDDEN, skipped=2
    )


def test_hosts() -> None:
    (_, *rows) = tables(summary_of(CLEAN, HIDDEN))[0]
    assert rows == [["keil/Good.FLM", "uvision", "accepted", ""], ["keil/Good.FLM", "pyocd", "accepted", ""]]
    _, (head, *rows) = tables(summary_of(*(6 * [CLEAN]), MEMBER))
    assert head == ["Host", "Verdict", "Files", "Because of"]
    assert rows == [
        ["uvision", "accepted with a loss", "1", "FLM047 x1"],
        ["uvision", "accepted", "6", ""],
        ["pyocd", "rejected", "1", "FLM047 x1"],
        ["pyocd", "accepted", "6", ""],
    ]
    assert tables(summary_of(HIDDEN)) == []
    assert summary_of(CLEAN).endswith("\n\naccepted: no objection is known.\n")


def test_rules_are_counted_where_there_are_many_findings() -> None:
    head, *rows = tables(summary_of(linted("a", *(20 * [finding()])), linted("b", finding("STL010"))))[0]
    assert head == ["", "Rule", "Findings", "Files"]
    assert rows == [["error", "STL009", "20", "1"], ["error", "STL010", "1", "1"]]


def test_skipped_rules() -> None:
    assert f"- STL041, STL042: {NO_RAM}\n" in summary_of(STLDR).replace("&#45;", "-")
    many = tuple(SkippedRule(rule="STL041", reason=f"Reason {number}.") for number in range(13))
    text = summary_of(linted("a", skipped=many))
    assert text.count("- STL041: Reason") == 10
    assert text.endswith("- 3 more reasons\n")


def test_github_takes_the_size() -> None:
    many = [linted(f"{number}.stldr", *(10 * [finding(message="ö" * 500)])) for number in range(200)]
    note = linted("note", finding(severity=Severity.NOTE))
    text = summary_of(note, *many, CLEAN, unread=[unread("gone")])
    assert LIMIT_BYTES - 2000 < len(text.encode()) <= LIMIT_BYTES
    rows = tables(text)[1][1:]
    assert {row[0] for row in rows} == {"error"}
    assert f"{2002 - len(rows):,} more rows would not fit here; the log has them all." in text
    assert tables(text)[2][1][0] == "keil/Good.FLM"
