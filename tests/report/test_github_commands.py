"""Workflow commands: what GitHub's runner reads out of them is what was meant."""

import re
from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from loaderconv.report.github import github_commands
from loaderconv_schemas.lint import LintReport
from loaderconv_schemas.severity import Severity
from support.lint_reports import ELEMENT, MARKUP, MEMBER, REPORT, WHOLE, crash, finding, linted, unread

FOLDER = PurePosixPath("/home/me")
COMMAND = re.compile(r"::(?P<kind>error|warning|notice) (?P<properties>[^:]*)::(?P<message>.*)")


def unescaped(text: str) -> str:
    for escape, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, meant)
    return text


def parsed(line: str) -> tuple[str, dict[str, str], list[str]]:
    """Return kind, properties and lines of a command, as GitHub's runner takes them apart."""
    found = COMMAND.fullmatch(line)
    assert found is not None, line
    pairs = (each.partition("=") for each in found["properties"].split(","))
    return found["kind"], {key: unescaped(value) for key, _, value in pairs}, unescaped(found["message"]).split("\n")


def lines_of(report: LintReport, folder: PurePath = FOLDER) -> list[str]:
    text = github_commands(report, folder)
    assert text.endswith("\n")
    return text.split("\n")[:-1]


def only(*findings: object, path: str = "a.stldr", folder: PurePath = FOLDER, **others: object) -> object:
    report = LintReport(files=(linted(path, *findings, **others),))  # type: ignore[arg-type]
    line, _ = lines_of(report, folder)
    return parsed(line)


def test_finding_in_a_program() -> None:
    assert only(finding(message="It is so.", fix="Change it.")) == (
        "error",
        {"file": "a.stldr", "title": "STL009 size"},
        ["It is so.", "Fix: Change it.", "In a.stldr, StorageInfo at 0x2000412c, file offset 0x1234."],
    )


def test_finding_in_a_text_file_has_a_line() -> None:
    assert only(finding("IAR023", Severity.WARNING, place=ELEMENT)) == (
        "warning",
        {"file": "a.stldr", "line": "12", "endLine": "12", "title": "IAR023 size"},
        [finding().message, f"Fix: {finding().fix}", "In a.stldr, flash_device/block, line 12."],
    )


@pytest.mark.parametrize("severity", Severity)
def test_severity(severity: Severity) -> None:
    (line, _) = lines_of(LintReport(files=(linted("a", finding(severity=severity, place=WHOLE)),)))
    assert parsed(line)[0] == {"error": "error", "warning": "warning", "note": "notice"}[severity]
    assert parsed(line)[2][-1] == "In a."


@pytest.mark.parametrize(
    "path", ["a b.FLM", "[x] 100%.FLM", "a,b:c=d::e.FLM", "100%25%0A.FLM", "größe/日本.FLM", "::error ::x"]
)
def test_odd_paths(path: str) -> None:
    line, _ = lines_of(LintReport(files=(linted(path, finding()),)))
    kind, properties, message = parsed(line)
    assert (kind, properties["file"]) == ("error", path)
    assert message[-1].startswith(f"In {path}, ")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (r"sub\a.FLM", "sub/a.FLM"),
        (r".\a.FLM", "a.FLM"),
        (r"C:\work\sub\[x]\a.FLM", "sub/[x]/a.FLM"),
        ("D:\\a", "D:\\a"),
    ],
)
def test_windows(path: str, name: str) -> None:
    line, _ = lines_of(LintReport(files=(linted(path, finding()),)), PureWindowsPath(r"C:\work"))
    assert parsed(line)[1]["file"] == name


def test_texts_are_no_commands() -> None:
    evil = finding(message=f"{MARKUP}\r\n::error::x\x1b[31m\u2028", fix="%0A::warning::y")
    line, last = lines_of(LintReport(files=(linted("a", evil),)))
    _, _, message = parsed(line)
    assert message[:2] == [rf"{MARKUP}\r\n::error::x\x1b[31m\u2028", "Fix: %0A::warning::y"]
    assert not last.startswith("::")


def test_everything_is_told() -> None:
    told = [parsed(line) for line in lines_of(REPORT)[:-1]]
    assert [(kind, properties["file"], properties["title"]) for kind, properties, _ in told] == [
        ("error", "keil/broken.FLM", "unread"),
        ("error", "loaders/W25Q64_[x].stldr", "STL009 size"),
        ("warning", "loaders/W25Q64_[x].stldr", "STL030 size"),
        ("notice", "loaders/W25Q64_[x].stldr", "STL060 size"),
        ("warning", "iar/FlashW25Q64.flash", "IAR023 size"),
        ("error", MEMBER.path, "FLM047 size"),
        ("warning", "pyproject.toml", "unused entry"),
    ]
    assert told[0][2] == ["keil/broken.FLM is not an ELF file.", "Name a loader."]
    assert told[5][2][-1].startswith(f"In {MEMBER.path}, Flash/Chip 512.FLM, FlashDevice.szPage")
    assert told[6][2] == ["This entry applies to nothing any more: FLM099 for keil/*.FLM."]
    assert (
        lines_of(REPORT)[-1] == "2 errors, 2 warnings, 1 note in 5 files; 12 skipped, no loaders; 1 could not be read."
    )


def test_crash_is_an_error() -> None:
    line, _ = lines_of(LintReport(files=(linted("a", crash()),)))
    assert parsed(line)[:2] == ("error", {"file": "a", "title": "INT001 crash"})


def test_limit_of_github_is_told() -> None:
    def last(*findings: object, **others: object) -> str:
        report = LintReport.model_validate({"files": [linted("a", *findings)], **others})  # type: ignore[arg-type]
        return lines_of(report)[-1]

    told = "GitHub shows 10 errors, warnings and notices of a step; this log has them all."
    assert last(*(11 * [finding()])) == f"11 errors in 1 file. {told}"
    assert last(*(10 * [finding()]), *(10 * [finding(severity=Severity.NOTE)])) == "10 errors, 10 notes in 1 file."
    assert told in last(*(10 * [finding()]), unread=[unread("b")])


def test_same_text_twice() -> None:
    assert github_commands(REPORT, FOLDER) == github_commands(REPORT, FOLDER)
