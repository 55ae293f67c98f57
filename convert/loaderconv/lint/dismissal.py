"""Takes away the findings that somebody decided to live with: ignores of single files first, then the baseline."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from loaderconv.lint.selection import Selection
from loaderconv_formats.file_names import shown
from loaderconv_schemas.lint import LintedFile, UnusedEntry
from loaderconv_schemas.settings import LintSettings

if TYPE_CHECKING:
    from loaderconv.lint.file_ignores import FileIgnores
    from loaderconv_schemas.baseline import Baseline


@dataclass(frozen=True)
class Decisions:
    """What somebody decided to live with.

    Attributes:
        ignores: of single files; None without a settings file.
        baseline: what is known, and the file that says so; None without one.
    """

    ignores: "FileIgnores | None" = None
    baseline: "tuple[Baseline, Path] | None" = None

    @classmethod
    def of(cls, settings: LintSettings, settings_file: Path | None) -> Self:
        """Return what the settings decide; the baseline is read here, so that a damaged one is told of at once.

        Args:
            settings: those of the file, with the options of the command line.
            settings_file: the file; None where there is none.

        Raises:
            UsageProblem: the baseline is not there, or damaged.
        """
        ignores = None
        if settings_file is not None and settings.per_file_ignores:
            from loaderconv.lint.file_ignores import FileIgnores  # noqa: PLC0415 - many a tree has none

            ignores = FileIgnores(settings.per_file_ignores, settings_file.parent, shown(settings_file))
        path = settings.baseline
        if path is None:
            return cls(ignores)
        from loaderconv.lint.baseline import read_baseline  # noqa: PLC0415 - likewise

        return cls(ignores, (read_baseline(path), path))


def dismiss(
    files: Sequence[LintedFile], decisions: Decisions, selection: Selection
) -> tuple[tuple[LintedFile, ...], tuple[UnusedEntry, ...]]:
    """Return the files with the findings that count, and the decisions that apply to nothing any more.

    A decision counts as unused only where its rule looked at a file to which it applies.

    Args:
        files: what was found.
        decisions: what does not count.
        selection: the rules that were applied.
    """
    kept = tuple(files)
    unused: tuple[UnusedEntry, ...] = ()
    if decisions.ignores is not None:
        kept, unused = decisions.ignores.apply(kept, selection)
    if decisions.baseline is not None:
        from loaderconv.lint.baseline import apply_baseline  # noqa: PLC0415 - likewise

        kept, unknown = apply_baseline(kept, *decisions.baseline, selection)
        unused += unknown
    return kept, unused
