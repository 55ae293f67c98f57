"""Loaders of one memory that were built for several hosts, as rules look at them together."""

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from loaderconv.lint.subjects.subject import FileName, RuleSet, Subject
from loaderconv_formats.file_names import shown
from loaderconv_schemas.device import Device
from loaderconv_schemas.host import Host
from loaderconv_schemas.lint import Place, PlaceKind
from loaderconv_schemas.lint_hosts import HOSTS_OF_FLAVOURS
from loaderconv_schemas.loader import Flavour

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class DeviceSummary:
    """What of a loader is compared with others; it can be sent between processes.

    Attributes:
        file: how it is called.
        flavour: for which hosts.
        device: the memory that it serves.
    """

    file: FileName
    flavour: Flavour
    device: Device


@dataclass(eq=False)
class LoaderSet(Subject):
    """Loaders of one memory for several hosts (one folder, one memory).

    Its name is that of the folder.

    Attributes:
        loaders: at least two flavours; FLMs first, IAR's last.
    """

    loaders: tuple[DeviceSummary, ...]

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return "loaders of one device"

    @property
    def rule_set(self) -> RuleSet:
        """The rules that may look at it."""
        return RuleSet.TOGETHER

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts of all of them."""
        return tuple(host for each in self.loaders for host in HOSTS_OF_FLAVOURS[each.flavour])

    def title_of(self, loader: DeviceSummary) -> str:
        """Return how a loader is called in the folder."""
        path, folder, member = loader.file.path, self.name.path, loader.file.member
        if member is not None and path == folder:
            return shown(member)
        below = path.relative_to(folder) if path.is_relative_to(folder) else path
        return shown(below.as_posix() if member is None else f"{below.as_posix()}: {member}")

    def at(self, loader: DeviceSummary) -> Place:
        """Return the place of one of the files as a whole."""
        return Place(kind=PlaceKind.FILE, name=self.title_of(loader))

    def most_common(self, values: dict[DeviceSummary, K]) -> tuple[DeviceSummary, K]:
        """Return the first loader that has the most common value, and the value; the first one where none is ahead."""
        value, _ = Counter(values.values()).most_common(1)[0]
        return next((loader, value) for loader, each in values.items() if each == value)

    def deviating(self, values: dict[DeviceSummary, K]) -> Iterator[tuple[DeviceSummary, DeviceSummary]]:
        """Yield each loader whose value is not that of most, with the first that has the usual one."""
        usual, value = self.most_common(values)
        for loader, each in values.items():
            if each != value:
                yield loader, usual
