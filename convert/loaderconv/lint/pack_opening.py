"""Opens packs: the description, and each loader that an algorithm in it names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loaderconv.lint.facts import RamMap, UserFacts
from loaderconv.lint.opening import open_program
from loaderconv.lint.packed_iar import IarFilesOfPack, open_iar_files
from loaderconv.lint.packed_names import name_of
from loaderconv.lint.subjects.pack import PackAlgorithm, PackFile
from loaderconv.lint.subjects.subject import FileName, Subject
from loaderconv_formats.detection import is_elf
from loaderconv_formats.foreign_files import describe_foreign
from loaderconv_formats.pack.described_algorithms import DescribedAlgorithm, algorithms_of
from loaderconv_formats.pack.device_tree import parse_pdsc
from loaderconv_formats.pack.members import Found
from loaderconv_formats.pack.pack_files import PackFiles, open_pack_files
from loaderconv_schemas.errors import LoaderConvError

_IAR = "iar"


def open_pack(path: Path, facts: UserFacts) -> Subject:
    """Return a `.pdsc` file or a `.pack` with the loaders that it names.

    Raises:
        UnreadableInput: it cannot be opened, is damaged, or is no pack.
    """
    with open_pack_files(path) as files:
        description = parse_pdsc(files.description)
        pack = PackFile(FileName(path, files.description_member), facts, description.identity)
        pack.algorithms = tuple(
            PackAlgorithm(pack.name, facts, elements, files.find(elements[0].attributes.get("name", "")))
            for elements in _statements(algorithms_of(description))
        )
        iar_files = open_iar_files(path, files, description.identity, facts)
        opened = _Opened(path, files, facts, iar_files)
        opened.find_targets(pack.algorithms)
        pack.members = opened.subjects
        return pack


def _statements(elements: Iterable[DescribedAlgorithm]) -> list[tuple[DescribedAlgorithm, ...]]:
    """Return the elements, those that say the same together."""
    alike: dict[frozenset[tuple[str, str]], list[DescribedAlgorithm]] = {}
    for each in elements:
        alike.setdefault(frozenset(each.attributes.items()), []).append(each)
    return [tuple(each) for each in alike.values()]


@dataclass
class _Opened:
    """The loaders of a pack, each once."""

    path: Path
    files: PackFiles
    facts: UserFacts
    iar_files: IarFilesOfPack

    def __post_init__(self) -> None:
        self._targets: dict[str, Subject | LoaderConvError] = {}

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Everything that could be opened."""
        named = [each for each in self._targets.values() if isinstance(each, Subject)]
        known = {id(each) for each in named}
        return (*named, *(each for each in self.iar_files.subjects if id(each) not in known))

    def find_targets(self, algorithms: Iterable[PackAlgorithm]) -> None:
        """Give algorithms what they name; None where there is no such file, or the style is unknown."""
        named: dict[str, tuple[Found, list[PackAlgorithm]]] = {}
        for each in algorithms:
            if isinstance(each.lookup, Found) and (each.is_for_flm or each.style == _IAR):
                named.setdefault(each.lookup.path, (each.lookup, []))[1].append(each)
        for found, naming in named.values():
            target = self._target_of(found, naming)
            for each in naming:
                each.target = target

    def _target_of(self, found: Found, naming: Sequence[PackAlgorithm]) -> Subject | LoaderConvError:
        """Return the file that all of them name, or why it cannot be read."""
        try:
            self._targets[found.path] = (
                self._program(found, _smallest_ram(naming)) if naming[0].is_for_flm else self.iar_files.open(found)
            )
        except LoaderConvError as problem:
            self._targets[found.path] = problem
        return self._targets[found.path]

    def _program(self, found: Found, ram: RamMap | None) -> Subject:
        data = self.files.read(found)
        if not is_elf(data):
            raise describe_foreign(data)
        facts = self.facts if self.facts.ram is not None else replace(self.facts, ram=ram)
        return open_program(name_of(self.path, self.files, found), data, facts)


def _smallest_ram(naming: Iterable[PackAlgorithm]) -> RamMap | None:
    """Return the smallest RAM into which hosts load the file that these name."""
    maps = [each.smallest_ram() for each in naming if each.is_for_flm]
    return min((each for each in maps if each is not None), key=lambda each: each.ranges[0].size_bytes, default=None)
