"""How files of a pack are called, and what names stand for in the IAR files of an archive."""

from pathlib import Path, PurePosixPath

from loaderconv.lint.subjects.subject import FileName
from loaderconv_formats.pack.device_tree import PackIdentity
from loaderconv_formats.pack.iar_variable import pack_of_variable
from loaderconv_formats.pack.members import Absence, Found, NotFound
from loaderconv_formats.pack.pack_files import PackFiles
from loaderconv_formats.references.resolver import Resolution, Resolver
from loaderconv_formats.references.search import SearchPaths
from loaderconv_formats.references.spelled_path import parse_spelled
from loaderconv_formats.references.unusable_names import why_unusable
from loaderconv_schemas.bundle import ReferenceState


def name_of(path: Path, files: PackFiles, found: Found) -> FileName:
    """Return how a file of the pack at `path` is called."""
    if files.description_member is None:
        return FileName(path.parent / found.path)
    return FileName(path, files.full_member(found))


class MemberResolver(Resolver):
    """Says which member of an archive a name in one of its members stands for; members count as below the archive."""

    def __init__(self, archive: Path, files: PackFiles, pack: PackIdentity, naming: Found) -> None:
        super().__init__(SearchPaths())
        self.pack = pack
        self._archive = archive
        self._files = files
        self._folder = PurePosixPath(naming.path).parent.as_posix()

    def resolve(self, spelled: str, *, named_in: Path) -> Resolution:
        """Find the member for which a name stands.

        Args:
            spelled: the name as it is in the file.
            named_in: the archive.
        """
        path = parse_spelled(spelled)
        if reason := why_unusable(spelled, path):
            return Resolution(ReferenceState.MISSING, None, reason)
        if path.anchor:
            return Resolution(ReferenceState.OUTSIDE, None, f"The path leads out of {named_in.name}.")
        below = "/".join(path.components)
        if path.variable is None:
            return self._member(f"{self._folder}/{below}")
        if pack_of_variable(path.variable) == self.pack:
            return self._member(below)
        return self._by_name(path.variable, path.components)

    def _member(self, spelled: str) -> Resolution:
        found = self._files.find(spelled)
        if isinstance(found, NotFound):
            is_outside = found.absence is Absence.OUTSIDE
            return Resolution(ReferenceState.OUTSIDE if is_outside else ReferenceState.MISSING, None, found.note)
        note = None if found.is_spelled_so else f"It is spelled {spelled}, the file is {found.path}."
        return Resolution(ReferenceState.RESOLVED, self._archive / found.path, note)

    def _by_name(self, variable: str, components: tuple[str, ...]) -> Resolution:
        """Look for as much of the path's end as possible, from the top of the pack and beside the naming file."""
        names = [each for each in components if each != ".."]
        for first in range(len(names)):
            for folder in (".", self._folder):
                found = self._files.find("/".join((folder, *names[first:])))
                if isinstance(found, Found):
                    note = f"{variable} has no value, but by its name the file was found at {found.path}."
                    return Resolution(ReferenceState.BY_NAME, self._archive / found.path, note)
        note = f"{variable} has no value, and the pack has no file of its name."
        return Resolution(ReferenceState.UNMAPPED, None, note)
