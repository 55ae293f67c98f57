"""JUnit XML: what Jenkins and GitLab count is what was found."""

from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from defusedxml import ElementTree

from loaderconv.report.junit import junit_report
from loaderconv_schemas.lint import LintReport
from loaderconv_schemas.severity import Severity
from support.lint_reports import CLEAN, HIDDEN, MARKUP, MEMBER, NO_RAM, REPORT, STLDR, WHOLE, crash, finding, linted

FOLDER = PurePosixPath("/home/me")


def tree_of(*files: object, fail_on: Severity = Severity.ERROR, **others: object) -> Any:
    report = LintReport.model_validate({"files": files, **others})
    return ElementTree.fromstring(junit_report(report, fail_on=fail_on, folder=FOLDER))


def results(suite: Any) -> list[tuple[str, list[str]]]:
    return [(case.get("name"), [each.tag for each in case]) for case in suite]


def test_report() -> None:
    tree = tree_of(*REPORT.files, unread=REPORT.unread)
    assert (tree.tag, tree.get("name")) == ("testsuites", "loaderconv lint")
    assert [(suite.get("name"), results(suite)) for suite in tree] == [
        (
            "loaders/W25Q64_[x].stldr",
            [
                ("STL009", ["failure"]),
                ("STL030", ["system-out"]),
                ("STL060", ["system-out"]),
                ("STL042", ["skipped"]),
                ("STL041", ["skipped"]),
            ],
        ),
        ("keil/Good.FLM", [("lint", [])]),
        ("keil/Old.FLM", [("lint", [])]),
        ("iar/FlashW25Q64.flash", [("IAR023", ["system-out"])]),
        (
            "Vendor.Chip_DFP.1.0.0.pack: Flash/Chip 512.FLM",
            [("FLM047", ["failure"]), ("FLM050", ["skipped"]), ("FLM001", ["skipped"])],
        ),
        ("keil/broken.FLM", [("lint", ["error"])]),
    ]


def test_counts_add_up() -> None:
    tree = tree_of(*REPORT.files, unread=REPORT.unread)
    assert {key: tree.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "12",
        "failures": "2",
        "errors": "1",
        "skipped": "4",
    }
    for key in ("tests", "failures", "errors", "skipped"):
        assert sum(int(suite.get(key)) for suite in tree) == int(tree.get(key))
    assert all(int(suite.get("tests")) == len(suite) for suite in tree)


def test_cases_have_what_their_readers_need() -> None:
    for case in tree_of(*REPORT.files, unread=REPORT.unread).iter("testcase"):
        assert set(case.attrib) == {"classname", "name", "file", "time"}
    (suite,) = tree_of(MEMBER)
    assert {case.get("file") for case in suite} == {MEMBER.path}
    assert {case.get("classname") for case in suite} == {MEMBER.title}


@pytest.mark.parametrize(
    ("fail_on", "failed"),
    [
        (Severity.ERROR, ["STL009"]),
        (Severity.WARNING, ["STL009", "STL030"]),
        (Severity.NOTE, ["STL009", "STL030", "STL060"]),
    ],
)
def test_failures_are_those_of_the_exit_code(fail_on: Severity, failed: list[str]) -> None:
    (suite,) = tree_of(STLDR, fail_on=fail_on)
    assert [name for name, tags in results(suite) if "failure" in tags] == failed


def test_findings_of_a_rule_share_a_case() -> None:
    first = finding(severity=Severity.NOTE, message="One.", fix="Do.", place=WHOLE)
    ((case,),) = tree_of(linted("a", first, finding(message="Two.", fix="Go.")))
    (failure,) = case
    assert (failure.tag, failure.get("type"), failure.get("message")) == ("failure", "error", "Two.")
    assert failure.text.split("\n") == [
        "note: One. Fix: Do.",
        "error: Two. [StorageInfo at 0x2000412c, file offset 0x1234] Fix: Go.",
    ]


def test_crash_is_an_error() -> None:
    ((case,),) = tree_of(linted("a", crash()))
    assert [each.tag for each in case] == ["error"]


def test_why_something_was_not_done() -> None:
    (suite,) = tree_of(STLDR)
    assert [each.get("message") for each in suite.iter("skipped")] == [NO_RAM, NO_RAM]
    ((case,),) = tree_of(unread=REPORT.unread)
    (error,) = case
    assert (error.get("type"), error.get("message")) == ("unread", "keil/broken.FLM is not an ELF file.")
    assert error.text == "keil/broken.FLM is not an ELF file. Name a loader."


def test_what_xml_forbids_is_an_escape() -> None:
    evil = "\0\x08\x1b[31m\x7f\x9b\ufffe\U0001ffff ]]> &amp; <b> é \u2028"
    ((case,),) = tree_of(linted(f"{evil}.FLM", finding(message=evil, fix=MARKUP)))
    shown = r"\x00\x08\x1b[31m\x7f\x9b\ufffe\U0001ffff ]]> &amp; <b> é \u2028"
    assert case.get("classname") == f"{shown}.FLM"
    assert case[0].get("message") == shown
    assert case[0].text.startswith(f"error: {shown}")
    assert MARKUP in case[0].text


def test_windows() -> None:
    report = LintReport(files=(linted(r"sub\a.FLM"),))
    text = junit_report(report, fail_on=Severity.ERROR, folder=PureWindowsPath(r"C:\work"))
    assert ElementTree.fromstring(text)[0][0].get("file") == "sub/a.FLM"


def test_text() -> None:
    text = junit_report(REPORT, fail_on=Severity.ERROR, folder=FOLDER)
    assert text == junit_report(REPORT, fail_on=Severity.ERROR, folder=FOLDER)
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ')
    assert text.endswith("</testsuites>\n")
    assert "\r" not in text
    assert junit_report(LintReport(files=(linted("größe.FLM"),)), fail_on=Severity.ERROR, folder=FOLDER).isascii()
    assert junit_report(LintReport(files=(CLEAN, HIDDEN)), fail_on=Severity.NOTE, folder=FOLDER).count("<testcase") == 2
