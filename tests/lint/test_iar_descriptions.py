"""What findings on `.flash` and `.board` files tell besides their words: where they are, and how bad they are."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from loaderconv.lint.facts import UserFacts
from loaderconv.lint.subjects.macro_file import MacroFile
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.lint import Finding
from loaderconv_schemas.severity import Severity
from support.iar_folders import ELEMENTS, PROGRAM, RANGE, Write, board, flash, folder, one_pass
from support.iar_texts import BASE, BLOCK, PAGE, flash_text
from support.rule_cases import check

TOOLKIT_FILE = r"$TOOLKIT_DIR$\config\loader.out"


def found(write: Write, folder: Path, facts: UserFacts | None = None) -> Sequence[Finding]:
    return check(write(folder), facts or UserFacts()).findings


def test_place_is_the_element(tmp_path: Path) -> None:
    write = board(one_pass(RANGE), one_pass("<range>CODE 0x0803f000 0x0803efff</range>"))
    (finding,) = found(write, tmp_path)
    assert (finding.place.name, finding.place.line) == ("flash_board/pass/range", 5)
    data = (tmp_path / "device.board").read_bytes()
    start, size = finding.place.offset_bytes or 0, finding.place.size_bytes or 0
    assert data[start : start + size] == b"<range>CODE 0x0803f000 0x0803efff</range>"


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_every_wrong_element_is_told_with_its_line(newline: bytes, tmp_path: Path) -> None:
    text = flash_text("<exe/>", "<page>x</page>", "<block>64</block>", BLOCK, "<block>1 0x</block>", BASE, "<foo/>")
    (tmp_path / "memory.flash").write_bytes(text.replace(b"\r\n", newline))
    findings = check(tmp_path / "memory.flash", UserFacts()).findings
    assert {(each.rule, each.place.line) for each in findings} == {
        ("IAR021", 4),
        ("IAR021", 5),
        ("IAR021", 6),
        ("IAR021", 8),
        ("IAR022", 10),
    }


def test_leading_blanks_are_a_warning_that_can_be_fixed(tmp_path: Path) -> None:
    (tmp_path / "memory.flash").write_bytes(b" " + flash_text(*ELEMENTS))
    (tmp_path / "loader.out").write_bytes(PROGRAM)
    (finding,) = check(tmp_path / "memory.flash", UserFacts()).findings
    assert (finding.severity, finding.is_fixable, finding.effects) == (Severity.WARNING, True, ())


@pytest.mark.parametrize(
    ("write", "severity"),
    [
        (flash(*ELEMENTS, "<args/>"), Severity.NOTE),
        (flash(*ELEMENTS, "<macro/>"), Severity.WARNING),
        (flash(f"<exe>{TOOLKIT_FILE}</exe>", PAGE, BLOCK, BASE), None),
        (flash(r"<exe>$TOOLKIT_DIR$\config\absent.out</exe>", PAGE, BLOCK, BASE), Severity.NOTE),
        (flash(r"<exe>..\loader.out</exe>", PAGE, BLOCK, BASE), Severity.NOTE),
        (flash("<exe>Loader.out</exe>", PAGE, BLOCK, BASE), Severity.WARNING),
        (flash("<exe>absent.out</exe>", PAGE, BLOCK, BASE), Severity.ERROR),
    ],
)
def test_severity(write: Write, severity: Severity | None, tmp_path: Path) -> None:
    assert [each.severity for each in found(write, tmp_path)] == ([] if severity is None else [severity])


def test_missing_below_the_toolkit_is_an_error(tmp_path: Path) -> None:
    """What the user said where to find, and is not there, is an error; the same file is found by its name otherwise."""
    facts = UserFacts(search=SearchPaths(toolkit_dir=tmp_path))
    (finding,) = found(flash(f"<exe>{TOOLKIT_FILE}</exe>", PAGE, BLOCK, BASE), tmp_path, facts)
    assert (finding.rule, finding.code, finding.severity) == ("IAR030", "missing", Severity.ERROR)


def test_files_above_are_found_by_name(tmp_path: Path) -> None:
    """A vendor's examples share a loader that lies above them; nobody says what $PROJ_DIR$ stands for."""
    text = flash_text(r"<exe>$PROJ_DIR$\..\..\config\loader.out</exe>", PAGE, BLOCK, BASE)
    write = folder("examples/a/memory.flash", {"examples/a/memory.flash": text, "config/loader.out": PROGRAM})
    assert found(write, tmp_path, UserFacts(search=SearchPaths(roots=(tmp_path,)))) == ()


def test_rules_on_executables_are_skipped_without_one(tmp_path: Path) -> None:
    outcome = check(flash(r"<exe>$TOOLKIT_DIR$\absent.out</exe>", PAGE, BLOCK, BASE)(tmp_path), UserFacts())
    assert {each.rule for each in outcome.skipped} == {"IAR036", "IAR037", "IAR038", "IAR039", "IAR042", "IAR043"}
    outcome = check(board("<pass><loader>$TOOLKIT_DIR$/absent.flash</loader></pass>")(tmp_path), UserFacts())
    assert {each.rule for each in outcome.skipped} == {"IAR034", "IAR036", "IAR037"}


@pytest.mark.parametrize(("executable", "skipped"), [("loader.out", "IAR040"), ("MACRO", "IAR041")])
def test_rules_on_macros_are_skipped_where_no_variable_leads_to_them(
    tmp_path: Path, executable: str, skipped: str
) -> None:
    named = flash(f"<exe>{executable}</exe>", PAGE, BLOCK, BASE, r"<macro>$TOOLKIT_DIR$\absent.mac</macro>")
    outcome = check(named(tmp_path), UserFacts())
    reasons = {each.rule: each.reason for each in outcome.skipped if each.rule in ("IAR040", "IAR041")}
    assert reasons == {skipped: "The macro file that it names was not read (variable without a value)."}


def test_macro_functions() -> None:
    macros = MacroFile(
        b"_a() { if (x) { __hwReset(0); } }\n/* _b() { } */ // _c() { }\n"
        b'_d(x, y)\n{\n  __message "} _e() {";\n  _a();\n}'
    )
    assert set(macros.functions) == {"_a", "_d"}
    assert macros.calls_from(["_d"]) == {"_a": 1, "if": 1, "__hwReset": 1}


def test_macros_that_call_themselves_end() -> None:
    assert MacroFile(b"_a()\n{\n  _a();\n}\n").calls_from(["_a"]) == {"_a": 1}


@pytest.mark.parametrize(
    ("data", "is_text"), [(b"f()\r\n{\r\n}\r\n\x1a", True), (b"\xe9()", True), (b"\0f", False), (b" \n", False)]
)
def test_macro_files_are_text(data: bytes, *, is_text: bool) -> None:
    assert MacroFile(data).is_text is is_text
