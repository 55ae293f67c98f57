"""What a finding calls fixable, `--fix` puts right, and nothing else gets worse."""

from pathlib import Path

import pytest

from loaderconv.lint.fixing import REPAIRS, fix_files
from loaderconv.lint.registry import all_rules
from loaderconv.lint.unit import CheckedFile, Checks, check_unit
from loaderconv_formats.candidates import Candidate, Origin
from loaderconv_schemas.lint import Finding, FixedFile
from loaderconv_schemas.severity import Severity
from support.lint_cases import BAD, stldr_memory
from support.lint_cases.stldr_descriptor import stldr
from support.lint_cases.stldr_placement import behind_data
from support.rule_cases import Bad, Write, writes
from support.stldr_builder import build
from support.stldr_recipe import StldrRecipe

FIXABLE_RULES = {rule.id for rule in all_rules() if rule.is_fixable}

SOMETIMES = (
    Bad("STL031", "host-word", writes("built.stldr", build(stldr_memory.MOVABLE)), says=()),
    Bad("STL011", "not-first", stldr(in_front_of_descriptor=b"1.2\0", descriptor_address=0x2000_8000), says=()),
)
"""Fixable only in the right file: the linker kept relocations; the descriptor's segment lies above the image."""

CASES = [*(case for case in BAD if case.rule in FIXABLE_RULES), *SOMETIMES]


def checked(path: Path, case: Bad) -> tuple[CheckedFile, ...]:
    return check_unit(Candidate(path, Origin.NAMED), Checks(case.facts)).files


def findings(files: tuple[CheckedFile, ...]) -> list[Finding]:
    return [finding for each in files for finding in each.file.findings]


def fixable(found: list[Finding]) -> set[tuple[str, str]]:
    return {(each.rule, each.code) for each in found if each.is_fixable}


def fixed(path: Path) -> tuple[tuple[FixedFile, ...], list[Finding]]:
    """Repair a file where it is; return what was done, and what is found in it now."""
    case = Bad("", "", lambda _: path, says=())
    done = fix_files(checked(path, case), Checks(), lambda _: path)
    return done.fixed, findings(checked(path, case))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_fixable_finding_is_put_right(case: Bad, tmp_path: Path) -> None:
    path = case.write(tmp_path)
    bytes_before = path.read_bytes()
    files = checked(path, case)
    before = findings(files)
    fixes = fix_files(files, Checks(case.facts), lambda _: path)
    if not fixable(before):
        assert path.read_bytes() == bytes_before
        return
    assert fixable(before) <= REPAIRS.keys(), "REPAIRS lacks what a rule calls fixable"
    assert [each.problem for each in fixes.fixed] == [None]
    after = findings(checked(path, case))
    assert fixable(after) == set()
    new = {(each.rule, each.code) for each in after} - {(each.rule, each.code) for each in before}
    assert all(each.severity is Severity.NOTE for each in after if (each.rule, each.code) in new)
    assert [each.severity for each in after if (each.rule, each.code) in fixable(before)].count(Severity.ERROR) == 0
    assert findings(tuple(fixes.files.values())) == after


def test_every_repair_has_a_case(tmp_path: Path) -> None:
    found = set()
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        found |= fixable(findings(checked(case.write(folder), case)))
    assert found == REPAIRS.keys()


def test_rules_say_that_they_are_fixable() -> None:
    assert {rule for rule, _ in REPAIRS} == FIXABLE_RULES


@pytest.mark.parametrize(
    "write",
    [
        stldr(code_address=0x2000_0000, entry=0x2000_0001),
        stldr(in_front_of_descriptor=b"1.2\0"),
        writes("k\u00e4se.stldr", build(StldrRecipe())),
    ],
    ids=["no relocations", "below the image", "name that does not fit"],
)
def test_what_rewriting_refuses_is_not_called_fixable(write: Write, tmp_path: Path) -> None:
    path = write(tmp_path)
    before = path.read_bytes()
    assert fixed(path)[0] == ()
    assert path.read_bytes() == before


def test_own_segment_makes_two_spellings_harmless(tmp_path: Path) -> None:
    """The linker script is still wrong after a fix, but hosts take the file."""
    _, left = fixed(behind_data(empty_section=".Dev_info", has_empty_segment=True)(tmp_path))
    spelling = [each for each in left if each.rule == "STL015"]
    assert [(each.severity, each.is_fixable, each.effects) for each in spelling] == [(Severity.WARNING, False, ())]
