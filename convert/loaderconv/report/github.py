"""What `lint` found as workflow commands, which GitHub Actions turns into annotations."""

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath

from loaderconv.report.counts import outcome_text
from loaderconv.report.file_names import shown_name
from loaderconv.report.places import place_text
from loaderconv_schemas.lint import Finding, LintedFile, LintReport
from loaderconv_schemas.severity import Severity
from loaderconv_schemas.text import printable

ANNOTATIONS_KEPT = 10
"""Of each kind, for a step of a job; the log has the rest."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}

_DATA_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY_ESCAPES = str.maketrans({**_DATA_ESCAPES, ":": "%3A", ",": "%2C"})
_MESSAGE_ESCAPES = str.maketrans(_DATA_ESCAPES)


def github_commands(report: LintReport, folder: PurePath) -> str:
    """Return one command a line for each finding and each file that could not be read, and a last line that counts.

    Args:
        report: what was found.
        folder: the current folder, absolute; files in it are named relative to it.
    """
    commands = [*_unread(report, folder), *_findings(report, folder), *_unused(report, folder)]
    kinds = Counter(command.partition(" ")[0] for command in commands)
    last = f"{outcome_text(report)}."
    if any(count > ANNOTATIONS_KEPT for count in kinds.values()):
        last += f" GitHub shows {ANNOTATIONS_KEPT} errors, warnings and notices of a step; this log has them all."
    return "".join(f"{line}\n" for line in (*commands, last))


def _unread(report: LintReport, folder: PurePath) -> Iterator[str]:
    for file in report.unread:
        yield _command("error", {"file": shown_name(file.path, folder), "title": "unread"}, file.message, file.hint)


def _findings(report: LintReport, folder: PurePath) -> Iterator[str]:
    for file in report.files:
        name = shown_name(file.path, folder)
        for finding in file.findings:
            properties = {"file": name}
            if finding.place.line is not None:
                line = str(finding.place.line)
                properties |= {"line": line, "endLine": line}
            properties["title"] = f"{finding.rule} {finding.code}"
            place = _where(name, file, finding)
            yield _command(_COMMANDS[finding.severity], properties, finding.message, f"Fix: {finding.fix}", place)


def _unused(report: LintReport, folder: PurePath) -> Iterator[str]:
    for entry in report.unused:
        properties = {"file": shown_name(entry.source, folder), "title": "unused entry"}
        yield _command("warning", properties, f"This entry applies to nothing any more: {entry.text}.")


def _where(name: str, file: LintedFile, finding: Finding) -> str:
    """Return the place with its file: the log does not show the properties of a command."""
    return "In " + ", ".join(filter(None, (name, file.member, place_text(finding.place)))) + "."


def _command(kind: str, properties: dict[str, str], *lines: str) -> str:
    told = ",".join(f"{key}={printable(text).translate(_PROPERTY_ESCAPES)}" for key, text in properties.items())
    message = "\n".join(map(printable, lines))
    return f"::{kind} {told}::{message.translate(_MESSAGE_ESCAPES)}"
