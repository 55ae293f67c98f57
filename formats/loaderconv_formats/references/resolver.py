"""Says which file a name in an IAR file stands for, and looks nowhere but in the folders named."""

from dataclasses import dataclass
from pathlib import Path

from loaderconv_formats.file_names import shown
from loaderconv_formats.references.allowed_folders import NOT_FOLLOWED, AllowedFolders, real_path
from loaderconv_formats.references.by_name import find_by_name
from loaderconv_formats.references.case_insensitive import Listings
from loaderconv_formats.references.search import SearchPaths, option_for
from loaderconv_formats.references.spelled_path import SpelledPath, parse_spelled, without_parents
from loaderconv_formats.references.unusable_names import why_unusable
from loaderconv_formats.references.walk import End, walk
from loaderconv_schemas.bundle import ReferenceState

_FILE_DIR = "FILE_DIR"
"""Variable for the folder of the naming file."""

_STATES = {
    End.FILE: ReferenceState.RESOLVED,
    End.ABSENT: ReferenceState.MISSING,
    End.AMBIGUOUS: ReferenceState.MISSING,
    End.OUTSIDE: ReferenceState.OUTSIDE,
    End.DENIED: ReferenceState.UNREADABLE,
}


@dataclass(frozen=True)
class Resolution:
    """What came of a name.

    Attributes:
        state: whether a file was found, and why not.
        path: the file, absolute and without links; None where none was found.
        note: one sentence for a person where something is odd; None where nothing is.
    """

    state: ReferenceState
    path: Path | None
    note: str | None


class Resolver:
    """Says which file a name stands for; while it lives, each folder is listed once, and each name looked up once."""

    def __init__(self, search: SearchPaths) -> None:
        self._search = search
        self._listings = Listings()
        self._allowed: dict[Path, AllowedFolders] = {}
        self._resolutions: dict[tuple[str, Path], Resolution] = {}

    def resolve(self, spelled: str, *, named_in: Path) -> Resolution:
        """Find the file for which a name stands (docs/formats/iar.md, The .board file).

        A name is relative to its variable, else absolute, else relative to the folder of the naming file. Only where
        the variable has no value the file is looked for by its name. No file is opened.

        Args:
            spelled: the name as it is in the file.
            named_in: the naming file.

        Returns:
            What came of it; no name is an error, whatever it holds.
        """
        key = spelled, named_in.parent
        if key not in self._resolutions:
            self._resolutions[key] = self._resolve(*key)
        return self._resolutions[key]

    def allowed_from(self, folder: Path) -> AllowedFolders:
        """Return where a search that starts in a file of `folder` may look."""
        if folder not in self._allowed:
            self._allowed[folder] = AllowedFolders.of(self._search, real_path(folder) or folder)
        return self._allowed[folder]

    def _resolve(self, spelled: str, folder: Path) -> Resolution:
        path = parse_spelled(spelled)
        if reason := why_unusable(spelled, path):
            return Resolution(ReferenceState.MISSING, None, reason)
        naming_folder = real_path(folder) or folder
        allowed = self.allowed_from(folder)
        if path.anchor:
            start = _folder_of_anchor(path.anchor, naming_folder)
        elif path.variable is None or path.variable.casefold() == _FILE_DIR.casefold():
            start = naming_folder
        elif value := self._search.value_of(path.variable):
            start = real_path(value) or value
        else:
            return self._unmapped(path.variable, path.components, naming_folder, allowed)
        return self._on_the_way(spelled, path, start, allowed)

    def _on_the_way(self, spelled: str, path: SpelledPath, start: Path | None, allowed: AllowedFolders) -> Resolution:
        """Go the spelled way, where the spelling stays within what is allowed."""
        way = None if start is None else allowed.way_to(*without_parents(start, path.components))
        if way is not None:
            walked = walk(*way, allowed, self._listings)
            return Resolution(_STATES[walked.end], walked.path, walked.note)
        if allowed.follow:
            return Resolution(ReferenceState.MISSING, None, f"This machine has no {shown(path.anchor)}.")
        return Resolution(ReferenceState.OUTSIDE, None, f"{shown(spelled.strip())} is a path {NOT_FOLLOWED}")

    def _unmapped(
        self, variable: str, components: tuple[str, ...], naming_folder: Path, allowed: AllowedFolders
    ) -> Resolution:
        """Look for the file by its name, as its variable has no value."""
        found = find_by_name(components, naming_folder, allowed, self._listings)
        name, option = shown(variable), shown(option_for(variable))
        if found is None:
            note = f"{name} has no value, and no file of its name was found near; give the folder with {option}."
            return Resolution(ReferenceState.UNMAPPED, None, note)
        if found.path is None:
            return Resolution(_STATES[found.end], None, found.note)
        where = f"{name} has no value, but by its name the file was found at {shown(found.path)}"
        note = f"{where}; if that is the wrong one, give the folder with {option}."
        return Resolution(ReferenceState.BY_NAME, found.path, note)


def _folder_of_anchor(anchor: str, naming_folder: Path) -> Path | None:
    """Return the folder at which an absolute path starts; None where this machine has no such drive or share."""
    if anchor == "\\":
        return Path(naming_folder.anchor)
    folder = Path(anchor)
    return folder if folder.is_absolute() else None
