"""What a run has to tell besides results: what could not be read or applied, and what loaderconv itself did wrong."""

from collections.abc import Iterator
from pathlib import PurePath

from loaderconv.report.counts import counted, listed
from loaderconv.report.sarif.objects import Invocation, Level, Location, Notification, ReportingDescriptor
from loaderconv.report.sarif.places import file_location
from loaderconv.report.skipped_rules import skipped_rules
from loaderconv_schemas.lint import CRASH, LintReport

_UNREAD = "unreadable-file"
_SKIPPED = "skipped-rules"
_UNUSED = "unused-entry"
_LIMITS = "upload-limits"

_KINDS = {
    CRASH: "A rule failed: a defect of loaderconv.",
    _UNREAD: "A file that was named could not be read.",
    _SKIPPED: "Rules could not be applied.",
    _UNUSED: "An entry of a configuration or a baseline applies to nothing any more.",
    _LIMITS: "GitHub will not keep all results.",
}

DESCRIPTORS: list[ReportingDescriptor] = [
    {"id": kind, "shortDescription": {"text": text}} for kind, text in _KINDS.items()
]


def invocation_of(report: LintReport, folder: PurePath, limits: tuple[str, ...]) -> Invocation:
    """Return how a run went.

    Args:
        report: what was found.
        folder: to which URIs are relative.
        limits: sentences on what an upload to GitHub would lose.
    """
    failures = [*_unread(report, folder), *_crashes(report, folder)]
    return {
        "executionSuccessful": not failures,
        "toolExecutionNotifications": [*failures, *(_notification(_LIMITS, "warning", text) for text in limits)],
        "toolConfigurationNotifications": [*_skipped(report), *_unused(report, folder)],
    }


def _unread(report: LintReport, folder: PurePath) -> Iterator[Notification]:
    for file in report.unread:
        yield _notification(_UNREAD, "error", f"{file.message} {file.hint}", file_location(file.path, folder))


def _crashes(report: LintReport, folder: PurePath) -> Iterator[Notification]:
    for file in report.files:
        for finding in file.findings:
            if finding.rule == CRASH:
                yield _notification(
                    CRASH, "error", f"{finding.message} {finding.fix}", file_location(file.path, folder)
                )


def _skipped(report: LintReport) -> Iterator[Notification]:
    for each in skipped_rules(report.files):
        text = f"{each.reason} Not applied to {counted(each.file_count, 'file')}: {listed(each.rules)}."
        yield _notification(_SKIPPED, "note", text)


def _unused(report: LintReport, folder: PurePath) -> Iterator[Notification]:
    for entry in report.unused:
        text = f"This entry applies to nothing any more: {entry.text}."
        yield _notification(_UNUSED, "warning", text, file_location(entry.source, folder))


def _notification(kind: str, level: Level, text: str, location: Location | None = None) -> Notification:
    notification: Notification = {
        "descriptor": {"id": kind, "index": list(_KINDS).index(kind)},
        "level": level,
        "message": {"text": text},
    }
    if location is not None:
        notification["locations"] = [location]
    return notification
