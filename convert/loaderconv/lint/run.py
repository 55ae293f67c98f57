"""One call of `lint`: from files and settings to a report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from loaderconv.lint.dismissal import Decisions, dismiss
from loaderconv.lint.facts import UserFacts
from loaderconv.lint.job import Checked, check_files
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
    checks = Checks(order.facts, selection.ids, order.settings.for_hosts)
    checked = check_files(candidates, checks, seen=seen)
    checked = replace(checked, files=compared(checked.files, checks))
    files, unused = _without_dismissed(checked.files, decisions, selection)
    report = LintReport(
        files=tuple(each.file for each in files), unread=checked.unread, skipped=checked.skipped, unused=unused
    )
    if order.fixed_to is not None:
        report = _fixed(report, files, checks, order.fixed_to, decisions, selection)
    if order.new_baseline is not None:
        report = _with_new_baseline(report, checked, order.new_baseline, decisions, selection)
    return report


def without_hidden(report: LintReport, least: Severity) -> LintReport:
    """Return a report without the findings that are less severe than `least`; they are counted."""
    return report.model_copy(update={"files": tuple(_without_hidden(each, least) for each in report.files)})


def _without_hidden(file: LintedFile, least: Severity) -> LintedFile:
    kept = tuple(each for each in file.findings if each.severity.rank <= least.rank)
    dismissed = file.dismissed.model_copy(update={"hidden": len(file.findings) - len(kept)})
    return file.model_copy(update={"findings": kept, "dismissed": dismissed})


def _without_dismissed(
    files: Sequence[CheckedFile], decisions: Decisions, selection: Selection
) -> tuple[tuple[CheckedFile, ...], tuple[UnusedEntry, ...]]:
    kept, unused = dismiss([each.file for each in files], decisions, selection)
    return tuple(replace(each, file=file) for each, file in zip(files, kept, strict=True)), unused


def _fixed(
    report: LintReport,
    files: Sequence[CheckedFile],
    checks: Checks,
    fixed_to: Callable[[Path], Path],
    decisions: Decisions,
    selection: Selection,
) -> LintReport:
    """Return the report on the files as they are after their repair."""
    from loaderconv.lint.fixing import fix_files  # noqa: PLC0415 - loads what writes files

    fixes = fix_files(files, checks, fixed_to)
    outputs = {each.path: each.output for each in fixes.fixed if each.output is not None}
    now = [each for each in compared(fixes.files, checks) if each.file.path in outputs]
    kept, _ = _without_dismissed(now, decisions, selection)
    repaired = {each.key: each.file.model_copy(update={"path": outputs[each.file.path]}) for each in kept}
    return report.model_copy(
        update={"files": tuple(repaired.get(each.key, each.file) for each in files), "fixed": fixes.fixed}
    )


def _with_new_baseline(
    report: LintReport, checked: Checked, path: Path, decisions: Decisions, selection: Selection
) -> LintReport:
    """Write what is found apart from the ignores, and return the report with that dismissed."""
    from loaderconv.lint.baseline import write_baseline  # noqa: PLC0415 - seldom needed

    without_old = replace(decisions, baseline=None)
    files, unused = dismiss(checked.linted, without_old, selection)
    baseline = write_baseline(path, files)
    kept, _ = dismiss(checked.linted, replace(without_old, baseline=(baseline, path)), selection)
    return report.model_copy(update={"files": kept, "unused": unused})


def exit_code(report: LintReport, fail_on: Severity) -> ExitCode:
    """Return what the command ends with: the worst of what happened."""
    findings = [finding for file in report.files for finding in file.findings]
    codes = [ExitCode(each.exit_code) for each in report.unread]
    codes += [ExitCode.INTERNAL for each in findings if each.rule == CRASH]
    codes += [ExitCode.FINDINGS for each in findings if each.severity.rank <= fail_on.rank]
    return max(codes, default=ExitCode.OK)
