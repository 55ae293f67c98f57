"""One call of `lint`: from files and settings to a report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from loaderconv.lint.dismissal import Decisions, dismiss
from loaderconv.lint.facts import UserFacts
from loaderconv.lint.job import check_files
from loaderconv.lint.selection import Selection
from loaderconv.lint.together import compared
from loaderconv.lint.unit import CheckedFile, Checks
from loaderconv_formats.candidates import Candidate
from loaderconv_schemas.errors import ExitCode
from loaderconv_schemas.lint import CRASH, LintedFile, LintReport, UnusedEntry
from loaderconv_schemas.settings import LintSettings
from loaderconv_schemas.severity import Severity


@dataclass(frozen=True)
class Order:
    """What the user asks for.

    Attributes:
        settings: those of the settings file, with the options of the command line.
        settings_file: the file; None where there is none.
        facts: what the options say of the chip, and where files may be looked for.
        new_baseline: file to which all findings are to be written as known ones; None for none.
        fixed_to: says where the repaired form of a file goes; None for no repairs.
    """

    settings: LintSettings
    settings_file: Path | None = None
    facts: UserFacts = field(default_factory=UserFacts)
    new_baseline: Path | None = None
    fixed_to: Callable[[Path], Path] | None = None


def lint(candidates: Sequence[Candidate], order: Order, *, seen: Callable[[], None] = lambda: None) -> LintReport:
    """Check files, take away what does not count, repair what is to be repaired, and return what is left.

    Args:
        candidates: the files; none twice.
        order: what is asked for.
        seen: called after each file, for a progress bar.

    Raises:
        UsageProblem: the settings name rules that do not exist, a damaged baseline, or two outputs of one name.
        OutputNotWritten: a baseline or a repaired file could not be written.
    """
    selection = Selection.of(order.settings)
    old = order.settings.baseline if order.new_baseline is None else None
    decisions = Decisions.of(order.settings.model_copy(update={"baseline": old}), order.settings_file)
    judge = _Judge(Checks(order.facts, selection.ids, order.settings.for_hosts), selection, decisions)
    checked = check_files(candidates, judge.checks, seen=seen)
    files, unused = judge.judged(checked.files)
    report = LintReport(files=_linted(files), unread=checked.unread, skipped=checked.skipped, unused=unused)
    if order.fixed_to is not None:
        report = _fixed(report, checked.files, files, judge, order.fixed_to)
    if order.new_baseline is not None:
        report = _with_new_baseline(report, checked.files, judge, order.new_baseline)
    return report


@dataclass(frozen=True)
class _Judge:
    """What turns files that were checked alone into what is reported of them."""

    checks: Checks
    selection: Selection
    decisions: Decisions

    def judged(self, alone: Sequence[CheckedFile]) -> tuple[tuple[CheckedFile, ...], tuple[UnusedEntry, ...]]:
        """Return the files, compared with each other and without what does not count, and decisions without use."""
        together = compared(alone, self.checks)
        kept, unused = dismiss([each.file for each in together], self.decisions, self.selection)
        return tuple(replace(each, file=file) for each, file in zip(together, kept, strict=True)), unused


def _linted(files: Sequence[CheckedFile]) -> tuple[LintedFile, ...]:
    return tuple(each.file for each in files)


def _fixed(
    report: LintReport,
    alone: Sequence[CheckedFile],
    judged: Sequence[CheckedFile],
    judge: _Judge,
    fixed_to: Callable[[Path], Path],
) -> LintReport:
    """Repair what counts, and return the report on the files as they are then, under their new names."""
    from loaderconv.lint.fixing import fix_files  # noqa: PLC0415 - loads what writes files

    fixes = fix_files(judged, judge.checks, fixed_to)
    files, _ = judge.judged([fixes.files.get(each.key, each) for each in alone])
    outputs = {each.path: each.output for each in fixes.fixed if each.output is not None}
    renamed = (each.model_copy(update={"path": outputs.get(each.path, each.path)}) for each in _linted(files))
    return report.model_copy(update={"files": tuple(renamed), "fixed": fixes.fixed})


def _with_new_baseline(report: LintReport, alone: Sequence[CheckedFile], judge: _Judge, path: Path) -> LintReport:
    """Write what is found apart from the ignores, and return the report with that dismissed."""
    from loaderconv.lint.baseline import write_baseline  # noqa: PLC0415 - seldom needed

    files, unused = judge.judged(alone)
    known = replace(judge.decisions, baseline=(write_baseline(path, _linted(files)), path))
    kept, _ = replace(judge, decisions=known).judged(alone)
    return report.model_copy(update={"files": _linted(kept), "unused": unused})


def without_hidden(report: LintReport, least: Severity) -> LintReport:
    """Return a report without the findings that are less severe than `least`; they are counted."""
    return report.model_copy(update={"files": tuple(_without_hidden(each, least) for each in report.files)})


def _without_hidden(file: LintedFile, least: Severity) -> LintedFile:
    kept = tuple(each for each in file.findings if each.severity.rank <= least.rank)
    dismissed = file.dismissed.model_copy(update={"hidden": len(file.findings) - len(kept)})
    return file.model_copy(update={"findings": kept, "dismissed": dismissed})


def exit_code(report: LintReport, fail_on: Severity) -> ExitCode:
    """Return what the command ends with: the worst of what happened."""
    findings = [finding for file in report.files for finding in file.findings]
    codes = [ExitCode(each.exit_code) for each in report.unread]
    codes += [ExitCode.INTERNAL for each in findings if each.rule == CRASH]
    codes += [ExitCode.FINDINGS for each in findings if each.severity.rank <= fail_on.rank]
    return max(codes, default=ExitCode.OK)
