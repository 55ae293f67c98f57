"""Tells which loaders serve the same memory. Groups that are missed are better than groups that are none."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from pathlib import Path

from loaderconv.lint.facts import UserFacts
from loaderconv.lint.subjects.loader_set import DeviceSummary, LoaderSet
from loaderconv.lint.subjects.program import Program
from loaderconv.lint.subjects.subject import FileName, Subject
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.loader import Flavour

HOST_FOLDERS = frozenset(
    {"mdk-arm", "mdk", "keil", "flasharm", "ewarm", "iar", "flashiar", "stm32cube", "stm32cubeide", "stldr", "flm"}
)
"""Folders that vendors put side by side, one for each host, with the loaders of one device in them."""

_ORDER = (Flavour.FLM, Flavour.STLDR, Flavour.IAR)


def summary_of(subject: Subject) -> DeviceSummary | None:
    """Return what is compared of a loader; None for what has no device of its own, or cannot be read.

    The blocks of a .flash file whose executable prints its layout at run time are placeholders.
    """
    if isinstance(subject, Program):
        if subject.flavour is Flavour.IAR or isinstance(subject.reading, LoaderConvError):
            return None
        device = subject.reading.device
        return None if device is None else DeviceSummary(subject.name, subject.flavour, device)
    from loaderconv.lint.subjects.flash_description import FlashDescription  # noqa: PLC0415 - ELF files need no XML

    if not isinstance(subject, FlashDescription) or subject.layout_format is not None:
        return None
    reading = subject.reading
    return None if isinstance(reading, LoaderConvError) else DeviceSummary(subject.name, Flavour.IAR, reading.device)


def loader_sets(summaries: Iterable[DeviceSummary]) -> list[LoaderSet]:
    """Return the loaders that belong together, by folder.

    In one folder, where folders of single hosts count as the one above them: loaders of several flavours belong
    together that have the same stem, or that have the same device name and addresses in common. Where a flavour has
    two of them, nothing tells which is meant, and they are left alone. No loader is in two sets.
    """
    by_folder: defaultdict[tuple[Path, bool], list[DeviceSummary]] = defaultdict(list)
    for each in summaries:
        by_folder[_folder(each.file)].append(each)
    return [made for (folder, _), loaders in by_folder.items() for made in _sets_in(folder, loaders)]


def _folder(file: FileName) -> tuple[Path, bool]:
    """Return the folder in which a loader's relatives are, and whether that is a pack."""
    if file.member is not None:
        return file.path, True
    parent = file.path.parent
    return (parent.parent if parent.name.lower() in HOST_FOLDERS else parent), False


def _sets_in(folder: Path, loaders: Sequence[DeviceSummary]) -> Iterator[LoaderSet]:
    taken: set[DeviceSummary] = set()
    for key in (_stem, _device_name):
        groups: defaultdict[Hashable, list[DeviceSummary]] = defaultdict(list)
        for loader in loaders:
            if loader not in taken and key(loader):
                groups[key(loader)].append(loader)
        for group in groups.values():
            if _is_set(group) and (key is _stem or _all_overlap(group)):
                taken.update(group)
                ordered = sorted(group, key=lambda each: _ORDER.index(each.flavour))
                yield LoaderSet(FileName(folder), UserFacts(), tuple(ordered))


def _stem(loader: DeviceSummary) -> str:
    """Return the file's name without its suffix; IAR's begin with Flash as a rule, as in FlashSTM32F4xx.flash."""
    stem = loader.file.stem.lower()
    return stem.removeprefix("flash") or stem if loader.flavour is Flavour.IAR else stem


def _device_name(loader: DeviceSummary) -> str:
    """Return the name in the descriptor; a `.flash` file has none, and its stem stands for it."""
    return "" if loader.flavour is Flavour.IAR else " ".join(loader.device.name.lower().split())


def _is_set(group: Sequence[DeviceSummary]) -> bool:
    flavours = [each.flavour for each in group]
    return len(group) > 1 and len(set(flavours)) == len(flavours)


def _all_overlap(group: Sequence[DeviceSummary]) -> bool:
    start = max(each.device.base_address for each in group)
    return start < min(each.device.base_address + each.device.size_bytes for each in group)
