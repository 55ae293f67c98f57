"""What people read of a lint: compared with committed texts at the width of a small terminal."""

from pathlib import Path

import pytest

from loaderconv.report.lint import lint_report
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.lint import Dismissed, LintedFile, LintReport, Place, PlaceKind, SkippedRule
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
    crash,
    finding,
    linted,
    verdict,
)
from support.rendering import rendered, without_blanks

GOLDEN = Path(__file__).parent / "golden"
"""After a change that is meant: print what `rendered` returns into these files, and read them."""

LONG = "a folder with a name " * 6 + "[bold]and brackets[/]"


def text_of(*files: LintedFile, width: int = 200, **others: object) -> str:
    return rendered(lint_report(LintReport.model_validate({"files": files, **others})), width=width)


@pytest.mark.parametrize(
    ("name", "report"),
    [
        ("lint", REPORT),
        ("lint_clean", LintReport(files=(CLEAN,))),
        ("lint_many", LintReport(files=(*(6 * [CLEAN]), MEMBER))),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_text_is_the_committed_one(name: str, report: LintReport, encoding: str) -> None:
    text = rendered(lint_report(report), encoding=encoding)
    assert text == (GOLDEN / f"{name}.txt").read_text("utf-8")
    assert text.isascii()


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_width_loses_a_fact(width: int) -> None:
    place = Place(kind=PlaceKind.SYMBOL, name=LONG.replace(" ", "_"), address=0xDEADBEE0, offset_bytes=0xABCDE)
    odd = finding(message=f"{LONG} is odd.", fix=f"{LONG} helps.", place=place)
    skipped = (SkippedRule(rule="STL041", reason=f"{LONG} is not there."),)
    file = linted(
        f"{LONG}.stldr", odd, skipped=skipped, verdicts=(verdict(Host.C_SPY, Verdict.LOSS, *(8 * ["IAR001"])),)
    )
    printed = text_of(file, linted("b.stldr"), width=width, unused=({"source": LONG, "text": f"{LONG} was."},))
    text = without_blanks(printed)
    facts = (file.path, odd.message, odd.fix, place.name, "at 0xdeadbee0", "file offset 0xabcde", LONG, f"{LONG} was.")
    for fact in (*facts, skipped[0].reason, ", ".join(8 * ["IAR001"])):
        assert without_blanks(fact) in text
    lines = [line for line in printed.splitlines() if not line.startswith((LONG, f"  {LONG}.stldr", "b.stldr"))]
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [40, 120])
def test_paths_in_headers_are_never_broken(width: int) -> None:
    file = linted(f"{LONG}.stldr", finding(), verdicts=(verdict(Host.C_SPY, Verdict.ACCEPTED),))
    fixed = ({"path": "in.stldr", "output": f"{LONG}.stldr", "rules": ["STL009"]}, {"path": LONG, "problem": "No."})
    lines = text_of(file, CLEAN, width=width, fixed=fixed).splitlines()
    assert f"{LONG}.stldr: an STM32Cube external loader (.stldr)" in lines
    assert f"  {LONG}.stldr" in lines
    assert f"  in.stldr -> {LONG}.stldr: STL009" in lines
    assert f"  {LONG}" in lines


class TestFiles:
    def test_clean_file_is_one_line(self) -> None:
        assert text_of(linted("a.FLM"), linted("b.FLM")).splitlines()[:2] == [
            "a.FLM: an STM32Cube external loader (.stldr); no findings",
            "b.FLM: an STM32Cube external loader (.stldr); no findings",
        ]

    def test_empty_line_around_findings(self) -> None:
        lines = text_of(linted("a"), STLDR, linted("b"), linted("c")).splitlines()
        starts = {line.partition(":")[0]: number for number, line in enumerate(lines) if ": an STM32" in line}
        assert lines[starts[STLDR.path] - 1] == lines[starts["b"] - 1] == ""
        assert starts["c"] == starts["b"] + 1

    def test_what_is_not_shown(self) -> None:
        lines = text_of(FLASH, HIDDEN).splitlines()
        assert lines[0].endswith("(.flash); 1 ignored, 2 in the baseline")
        assert "keil/Old.FLM: a Keil flash algorithm (.FLM); no findings; 3 ignored" in lines
        assert "Not shown: 4 ignored, 2 in the baseline." in lines

    def test_member_of_a_pack_is_named_with_it(self) -> None:
        assert text_of(MEMBER).startswith("Vendor.Chip_DFP.1.0.0.pack: Flash/Chip 512.FLM: a Keil")

    def test_file_as_a_whole_has_no_place(self) -> None:
        lines = [line.strip() for line in text_of(linted("a", finding(place=WHOLE))).splitlines()]
        at = next(number for number, line in enumerate(lines) if line.startswith("error"))
        assert lines[at + 1].startswith("fix: ")

    def test_crash_is_a_finding(self) -> None:
        assert "error  INT001  The rule FLM047 failed: KeyError: 'x'." in text_of(linted("a", crash()))


class TestTotals:
    @pytest.mark.parametrize(
        ("report", "total"),
        [
            ({"files": ()}, "No findings in 0 files"),
            ({"files": (CLEAN,)}, "No findings in 1 file"),
            ({"files": (linted("a", finding(), finding()),), "skipped": 1234}, "2 errors in 1 file; 1,234 skipped"),
            ({"files": (FLASH, STLDR)}, "1 error, 2 warnings, 1 note in 2 files"),
            ({"files": (), "unread": REPORT.unread}, "No findings in 0 files; 1 could not be read"),
        ],
    )
    def test_count(self, report: dict[str, object], total: str) -> None:
        assert f"\n{total}" in rendered(lint_report(LintReport.model_validate(report)), width=200)

    def test_fixable(self) -> None:
        fixable = finding(is_fixable=True)
        assert "lint --fix can put 2 of them right." in text_of(linted("a", fixable, finding(), fixable))
        assert "--fix can" not in text_of(linted("a", finding()))

    def test_what_could_not_be_fixed_is_not_promised(self) -> None:
        fixed = ({"path": "a", "problem": "It is read-only.", "hint": "Change that."},)
        assert "--fix can" not in text_of(linted("a", finding(is_fixable=True)), fixed=fixed)

    def test_skipped_rules_are_grouped(self) -> None:
        text = text_of(STLDR, MEMBER)
        assert f"- FLM050, STL041, STL042: {NO_RAM} (2 files)" in text
        assert "- FLM001: The file has no symbol table. (1 file)" in text
        assert f"- STL041, STL042: {NO_RAM}\n" in text_of(STLDR)


class TestRepaired:
    CHANGES = ({"code": "descriptor-size", "message": "StorageInfo was padded from 136 to 200 bytes."},)
    RULES = ("STL009", "STL010")

    def lines(self, *files: dict[str, object]) -> list[str]:
        return text_of(CLEAN, fixed=files).splitlines()

    def test_elsewhere(self) -> None:
        repaired = {"path": "in/[x].stldr", "output": "out/[x].stldr", "rules": self.RULES, "changes": self.CHANGES}
        assert self.lines(repaired)[:5] == [
            "Repaired",
            "  in/[x].stldr -> out/[x].stldr: STL009, STL010",
            "    - StorageInfo was padded from 136 to 200 bytes. [descriptor-size]",
            "",
            "keil/Good.FLM: a Keil flash algorithm (.FLM); no findings",
        ]

    def test_in_place(self) -> None:
        repaired = {"path": "in/[x].stldr", "output": "in/[x].stldr", "rules": self.RULES, "changes": self.CHANGES}
        assert self.lines(repaired)[1] == "  in/[x].stldr, in place: STL009, STL010"

    def test_failure_has_its_reason(self) -> None:
        failed = {"path": "in/[x].stldr", "rules": ["STL009"], "problem": "It is read-only.", "hint": "Change that."}
        repaired = {"path": "b", "output": "out/b", "rules": self.RULES, "changes": self.CHANGES}
        assert self.lines(failed, repaired)[4:8] == [
            "Not repaired",
            "  in/[x].stldr: STL009",
            "    - It is read-only. Change that.",
            "",
        ]


class TestRuleCounts:
    def test_errors_and_what_is_frequent_first(self) -> None:
        note, warning = finding("STL060", Severity.NOTE), finding("STL030", Severity.WARNING)
        many = [linted(str(number), *(3 * [note]), finding("STL010"), finding("STL009")) for number in range(4)]
        text = text_of(*many, linted("last", warning, finding("STL009")), CLEAN).partition("Findings by rule\n")[2]
        assert text.partition("\n\n")[0].splitlines() == [
            "  error    STL009   5 in 5 files",
            "  error    STL010   4 in 4 files",
            "  warning  STL030   1 in 1 file",
            "  note     STL060  12 in 4 files",
        ]

    def test_a_rule_has_a_line_for_each_of_its_severities(self) -> None:
        mild = finding("STL009", Severity.NOTE)
        text = text_of(linted("a", *(20 * [finding("STL009")])), linted("b", mild))
        assert "  error  STL009  20 in 1 file\n  note   STL009   1 in 1 file\n" in text

    def test_few_findings_need_none(self) -> None:
        assert "by rule" not in text_of(linted("a", *(19 * [finding()])), linted("b", finding()))
        assert "by rule" in text_of(linted("a", *(20 * [finding()])), linted("b", finding()))

    def test_one_file_needs_none(self) -> None:
        assert "by rule" not in text_of(linted("a", *(30 * [finding()])), CLEAN)


class TestHosts:
    def test_one_file_needs_no_name(self) -> None:
        text = text_of(STLDR).partition("What hosts make of it\n")[2]
        assert text.splitlines()[:2] == ["  cubeprogrammer  rejected  STL009, STL030", "  st-openocd      accepted"]

    def test_columns_are_the_same_for_all_files(self) -> None:
        text = text_of(STLDR, FLASH).partition("What hosts make of them\n")[2]
        assert "    cubeprogrammer  rejected              STL009" in text
        assert "    c-spy           accepted with a loss  IAR023" in text

    def test_many_files_are_counted(self) -> None:
        refused = [
            linted(str(number), verdicts=(verdict(Host.PYOCD, Verdict.REJECTED, "FLM048", *more),))
            for number, more in enumerate([["FLM020"], ["FLM020", "FLM001"], []])
        ]
        text = text_of(*(10 * [CLEAN]), *refused, MEMBER).partition("What hosts make of them\n")[2]
        assert text.splitlines()[:4] == [
            "  uvision   1 accepted with a loss  FLM047 x1",
            "           10 accepted",
            "  pyocd     4 rejected              FLM048 x3, FLM020 x2, FLM001 x1, FLM047 x1",
            "           10 accepted",
        ]

    def test_of_many_rules_the_rare_ones_are_counted(self) -> None:
        rules = [f"FLM0{number}" for number in range(10, 19)]
        bad = linted("a", verdicts=(verdict(Host.PYOCD, Verdict.REJECTED, *rules),))
        text = text_of(*(6 * [CLEAN]), bad)
        assert "FLM010 x1, FLM011 x1, FLM012 x1, FLM013 x1, FLM014 x1, FLM015 x1, and 3 more\n" in text

    def test_words_are_explained(self) -> None:
        assert "\n  accepted: no objection is known\n" in text_of(CLEAN)
        told = text_of(STLDR, FLASH)
        assert (
            "\n  accepted: no objection is known; accepted with a loss: an operation fails or does wrong, or data is "
            "missing; rejected: the host does not take the file\n"
        ) in told

    def test_files_without_a_host(self) -> None:
        assert "What hosts" not in text_of(linted("a"))
        assert "What hosts make of it\n" in text_of(linted("a"), CLEAN)


def test_colours_tell_severity_and_verdict() -> None:
    coloured = rendered(lint_report(REPORT), colour=True)
    for start in ("1;31merror", "1;33mwarning", "1;36mnote", "31mrejected", "33maccepted with a loss", "32maccepted"):
        assert f"\x1b[{start}" in coloured
    assert "\x1b" not in rendered(lint_report(REPORT))


def test_data_is_no_markup_and_no_command() -> None:
    evil = linted("[red]a\x1b[31m.FLM", finding(message=MARKUP, fix="\x9b2J\nnext", severity=Severity.NOTE))
    text = text_of(evil)
    assert MARKUP in text
    assert r"[red]a\x1b[31m.FLM" in text
    assert r"fix: \x9b2J" in text
    assert "\x1b" not in text
    assert "\x9b" not in text


def test_ignored_alone_and_baseline_alone() -> None:
    assert "; 2 ignored\n" in text_of(linted("a", dismissed=Dismissed(ignored=2)))
    assert "; 2 in the baseline\n" in text_of(linted("a", dismissed=Dismissed(baseline=2)))


def test_what_is_too_harmless_to_be_shown() -> None:
    text = text_of(linted("a", dismissed=Dismissed(hidden=2)), linted("b", dismissed=Dismissed(ignored=1, hidden=1)))
    assert "no findings; 2 below --show\n" in text
    assert "no findings; 1 ignored, 1 below --show\n" in text
    assert "Not shown: 1 ignored, 3 below --show." in text


def test_same_text_twice() -> None:
    assert rendered(lint_report(REPORT)) == rendered(lint_report(REPORT))
