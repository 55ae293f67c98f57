"""What `loaderconv lint` finds."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from loaderconv_schemas.base import FORMAT_VERSION, Address, ByteCount, FormatVersion, Model
from loaderconv_schemas.lint_hosts import HostEffect, HostVerdict
from loaderconv_schemas.rewriting import Change
from loaderconv_schemas.severity import Severity
from loaderconv_schemas.text import one_line
from loaderconv_schemas.unread import UnreadFile

CRASH = "INT001"
"""The rule under which a defect of loaderconv itself is reported; the command then ends with 70."""


class PlaceKind(StrEnum):
    """What a finding points at."""

    FILE = "file"
    SYMBOL = "symbol"
    SECTION = "section"
    SEGMENT = "segment"
    FIELD = "field"
    ELEMENT = "element"


def _told_name(name: object) -> object:
    return one_line(name) if isinstance(name, str) else name


class Place(Model):
    """Where in a file a finding is.

    Attributes:
        kind: what it points at.
        name: of the symbol, section, field (`StorageInfo.PageSize`) or element (`flash_device/block`), or the number of
            the segment; empty for the file as a whole. What is not printable in it becomes an escape.
        address: link address, None where it has none.
        offset_bytes: first byte in the file, None where nothing in the file stands for it.
        size_bytes: bytes from there on, None where that is not known.
        line: from 1, of a text file; None for programs.
    """

    kind: PlaceKind
    name: Annotated[str, BeforeValidator(_told_name)] = ""
    address: Address | None = None
    offset_bytes: ByteCount | None = None
    size_bytes: ByteCount | None = None
    line: int | None = Field(default=None, ge=1)


class Finding(Model):
    """One thing that is wrong with a file, or worth knowing.

    Attributes:
        rule: id of the rule, such as STL009; never reused for something else.
        code: which of the rule's findings, a short stable name.
        severity: how much it matters.
        message: one sentence with the fact.
        fix: one sentence with the next step.
        place: where in the file.
        effects: what hosts make of it; a host that is not named does not mind.
        is_fixable: `--fix` can put it right.
        fingerprint: the same in the next build of the loader, as long as the finding is; unique in its file.
    """

    rule: str
    code: str
    severity: Severity
    message: str
    fix: str
    place: Place
    effects: tuple[HostEffect, ...] = ()
    is_fixable: bool = False
    fingerprint: str


class SkippedRule(Model):
    """A rule that could not be applied to a file, or not to the end.

    Attributes:
        rule: id of the rule.
        reason: one sentence that tells what is missing.
    """

    rule: str
    reason: str


class Dismissed(Model):
    """Findings that the user does not want to see.

    Attributes:
        ignored: how many by an ignore for this file.
        baseline: how many that the baseline knows.
        hidden: how many are less severe than the user wants to see.
    """

    ignored: int = Field(default=0, ge=0)
    baseline: int = Field(default=0, ge=0)
    hidden: int = Field(default=0, ge=0)


class LintedFile(Model):
    """A file that was checked.

    Attributes:
        path: as the user named it, or as it was found; where it was repaired into another file, that file.
        member: path of the file inside of a pack; None for a file on disk.
        kind: what it is, in words.
        findings: worst first, then in the order of the rules.
        skipped: rules that could not be applied.
        dismissed: findings that are not shown.
        verdicts: what hosts make of it, from all findings, also those that were dismissed.
    """

    path: str
    member: str | None = None
    kind: str
    findings: tuple[Finding, ...]
    skipped: tuple[SkippedRule, ...] = ()
    dismissed: Dismissed = Dismissed()
    verdicts: tuple[HostVerdict, ...] = ()

    @property
    def title(self) -> str:
        """How reports name the file."""
        return self.path if self.member is None else f"{self.path}: {self.member}"


class UnusedEntry(Model):
    """A line of a configuration or a baseline that applies to nothing any more.

    Attributes:
        source: the file that has it.
        text: the entry, in words.
    """

    source: str
    text: str


class FixedFile(Model):
    """A file whose findings were put right, as far as that was possible.

    Attributes:
        path: the file as it was named or found.
        output: where the repaired one was written; None where it could not be repaired.
        rules: whose findings were to be put right, sorted.
        changes: what differs, in the order in which it was changed.
        problem: one sentence that tells why it could not be repaired; None where it could.
        hint: the next step then.
    """

    path: str
    output: str | None = None
    rules: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    problem: str | None = None
    hint: str | None = None


class LintReport(Model):
    """The files of one call.

    Attributes:
        files: those that were checked, in the order in which they were named or found.
        unread: those that were named and could not be read.
        skipped: how many files in folders and matches of patterns are no loaders.
        unused: ignores and entries of the baseline that apply to nothing.
        fixed: files that were repaired, or could not be; `files` tells what is still to be found in them.
    """

    version: FormatVersion = FORMAT_VERSION
    files: tuple[LintedFile, ...]
    unread: tuple[UnreadFile, ...] = ()
    skipped: int = Field(default=0, ge=0)
    unused: tuple[UnusedEntry, ...] = ()
    fixed: tuple[FixedFile, ...] = ()

    def count(self, severity: Severity) -> int:
        """Return how many findings there are of a severity."""
        return sum(finding.severity is severity for file in self.files for finding in file.findings)
