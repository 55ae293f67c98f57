"""Findings that do not count in some files, with a reason: `per-file-ignores` of the settings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from loaderconv.lint.path_pattern import PathPattern, place_of
from loaderconv.lint.rule_ids import as_prefix
from loaderconv.lint.selection import Selection
from loaderconv_schemas.lint import CRASH, Finding, LintedFile, UnusedEntry
from loaderconv_schemas.settings import FileIgnore

Unused = tuple[UnusedEntry, ...]
"""Entries that apply to nothing any more."""


@dataclass(frozen=True)
class FileIgnores:
    """The ignores of a settings file.

    Attributes:
        entries: as they stand there.
        folder: to which their patterns are relative.
        source: the settings file, for reports.
    """

    entries: Sequence[FileIgnore]
    folder: Path
    source: str

    def apply(self, files: Sequence[LintedFile], selection: Selection) -> tuple[tuple[LintedFile, ...], Unused]:
        """Return the files without the findings that are ignored, and the ignores that no finding needs.

        An ignore counts as unused only where a file that it fits was checked with its rules.
        """
        uses = [_Use(entry, prefix) for entry in self.entries for prefix in map(as_prefix, entry.rules)]
        kept = tuple(self._without_ignored(file, uses, selection) for file in files)
        return kept, tuple(self._unused(uses))

    def _without_ignored(self, file: LintedFile, uses: "Sequence[_Use]", selection: Selection) -> LintedFile:
        place = place_of(file, self.folder)
        here = [use for use in uses if use.pattern.fits(place)]
        for use in here:
            use.note(file, selection)
        kept = tuple(each for each in file.findings if not any(use.covers(each) for use in here))
        if len(kept) == len(file.findings):
            return file
        ignored = file.dismissed.ignored + len(file.findings) - len(kept)
        dismissed = file.dismissed.model_copy(update={"ignored": ignored})
        return file.model_copy(update={"findings": kept, "dismissed": dismissed})

    def _unused(self, uses: "Sequence[_Use]") -> Iterator[UnusedEntry]:
        for use in uses:
            if use.was_tried and not use.is_used:
                yield UnusedEntry(
                    source=self.source,
                    text=f"per-file-ignores: {use.prefix} in {use.entry.path} ({use.entry.reason})",
                )


@dataclass
class _Use:
    """One rule of an ignore, and what came of it.

    Attributes:
        entry: the ignore.
        prefix: an id or how ids begin.
        was_tried: a file that it fits was checked with all these rules.
        is_used: there was such a finding.
    """

    entry: FileIgnore
    prefix: str
    was_tried: bool = False
    is_used: bool = False

    @cached_property
    def pattern(self) -> PathPattern:
        return PathPattern(self.entry.path)

    def covers(self, finding: Finding) -> bool:
        return finding.rule != CRASH and finding.rule.startswith(self.prefix)

    def note(self, file: LintedFile, selection: Selection) -> None:
        self.is_used |= any(map(self.covers, file.findings))
        self.was_tried |= selection.decided(self.prefix, file)
