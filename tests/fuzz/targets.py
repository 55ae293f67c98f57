"""What is fuzzed, and what must hold for every input: a refusal, or a result that survives being written and read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from fuzz import seeds
from loaderconv.lint.facts import RamMap, UserFacts
from loaderconv_formats.detection import is_elf, open_document
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.flm.flash_device import SIZE_BYTES as FLASH_DEVICE_BYTES
from loaderconv_formats.flm.flash_device import pack_flash_device, parse_flash_device
from loaderconv_formats.iar.board_file import read_board_file
from loaderconv_formats.iar.board_writer import board_file_bytes
from loaderconv_formats.iar.flash_file import read_flash_file
from loaderconv_formats.iar.flash_writer import flash_file_bytes
from loaderconv_formats.loader_file import parse_loader
from loaderconv_formats.loader_writer import new_program
from loaderconv_formats.stldr.storage_info import SIZE_BYTES as STORAGE_INFO_BYTES
from loaderconv_formats.stldr.storage_info import pack_storage_info, parse_storage_info
from loaderconv_formats.xml.document import XmlDocument, parse_xml
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import ConversionRefused, UnreadableInput
from loaderconv_schemas.loader import Loader
from support.sound_lint import assert_sound_findings, linted


@dataclass(frozen=True)
class Target:
    """One thing to fuzz.

    Attributes:
        check: takes an input; it raises where something does not hold.
        seeds: inputs to start from.
        max_input_bytes: longest input.
        words: what random bytes would hardly form, for the fuzzer's dictionary.
        share: part of the time, relative to the other targets.
    """

    check: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    max_input_bytes: int
    words: Sequence[bytes]
    share: int = 1


def check_loader(data: bytes) -> None:
    """A file is a loader whose values are sound, or is refused; open_document says the same."""
    try:
        file = parse_loader(data, "fuzzed")
    except UnreadableInput:
        _identify(data)
        return
    open_document(data)
    loader = file.loader
    assert Loader.model_validate_json(loader.model_dump_json()) == loader
    carried = [each.range for each in loader.image_segments if each.data]
    for entry in loader.entry_points:
        assert any(entry.address in each for each in carried), f"{entry.symbol} is in none of the bytes"
    _check_document(file.image)
    _check_new_file(loader)


def check_elf(data: bytes) -> None:
    """The document of any Arm executable can be written, and what was written does not change any more."""
    try:
        image = read_elf(data)
    except UnreadableInput:
        return
    _check_document(image)


def check_flash_file(data: bytes) -> None:
    """A memory description is read or refused; what was read can be written, unless it contradicts itself."""
    try:
        read = read_flash_file(_document(data), "fuzzed")
    except UnreadableInput:
        return
    try:
        written = flash_file_bytes(read.device, read.settings)
    except ConversionRefused:
        return
    again = read_flash_file(parse_xml(written), "fuzzed")
    assert (again.device, again.settings) == (read.device, read.settings)


def check_board_file(data: bytes) -> None:
    """The passes of a download are read or refused; what was read can be written."""
    try:
        read = read_board_file(_document(data))
    except UnreadableInput:
        return
    try:
        written = board_file_bytes(read.passes, read.ignored)
    except ConversionRefused:
        return
    again = read_board_file(parse_xml(written))
    assert (again.passes, again.ignored) == (read.passes, read.ignored)


def check_storage_info(data: bytes) -> None:
    """A stldr's descriptor is read or refused; packed again it describes the same sectors."""
    try:
        device = parse_storage_info(data).device
    except UnreadableInput:
        return
    try:
        packed = pack_storage_info(device)
    except ConversionRefused:
        return
    again = parse_storage_info(packed).device
    assert again.model_copy(update={"name": device.name}) == device


def check_flash_device(data: bytes) -> None:
    """An FLM's descriptor is read or refused; packed again it describes the same sectors."""
    try:
        parsed = parse_flash_device(data)
    except UnreadableInput:
        return
    assert parsed.size_bytes <= len(data)
    try:
        packed = pack_flash_device(parsed.device)
    except ConversionRefused:
        return
    again = parse_flash_device(packed).device
    assert again.model_copy(update={"name": parsed.device.name}) == parsed.device


def check_lint(data: bytes) -> None:
    """Whatever a file is called, it is refused, or rules tell what is wrong with it; none of them crashes."""
    suffixes = _ELF_SUFFIXES if is_elf(data) else _OTHER_SUFFIXES
    for suffix in suffixes:
        path = _folder() / f"fuzzed{suffix}"
        path.write_bytes(data)
        report = linted(path, _WITH_RAM)
        path.unlink()
        assert_sound_findings(report)


_ELF_SUFFIXES = (".FLM", ".stldr", ".out")
_OTHER_SUFFIXES = (".flash", ".board", ".pdsc")
_WITH_RAM = UserFacts(ram=RamMap((AddressRange(start=0x2000_0000, size_bytes=0x8000),), "--ram"))


@cache
def _folder() -> Path:
    """Return a folder for files that must be on disk, in that for temporary files, which `run.py` removes."""
    return Path(mkdtemp())


def _identify(data: bytes) -> None:
    try:
        open_document(data)
    except UnreadableInput:
        return


def _document(data: bytes) -> XmlDocument:
    """Return the XML; every element must know where it lies, so that the bytes around an edit stay."""
    document = parse_xml(data)
    for element in document.root:
        assert 0 <= element.start < element.content_start <= element.content_end <= element.end <= len(data)
        assert data[element.start : element.start + 1] == b"<"
        assert data[element.end - 1 : element.end] == b">"
        for child in element.children:
            assert element.content_start <= child.start < child.end <= element.content_end
    return document


def _check_document(image: ElfImage) -> None:
    written = write_elf(image)
    assert write_elf(read_elf(written)) == written


def _check_new_file(loader: Loader) -> None:
    """What can be written new is the same loader; its descriptor is cured and may move."""
    try:
        data = new_program(loader, comment="fuzzed")
    except ConversionRefused:
        return
    again = parse_loader(data, "fuzzed").loader
    assert again.flavour == loader.flavour
    assert again.entry_points == loader.entry_points
    assert (again.device and again.device.sectors) == (loader.device and loader.device.sectors)
    assert again.image_segments == loader.image_segments


TARGETS = {
    "loader": Target(check_loader, seeds.loaders, 1 << 14, (*seeds.SYMBOLS, *seeds.NUMBERS), share=3),
    "elf": Target(check_elf, seeds.loaders, 1 << 14, seeds.NUMBERS, share=2),
    "lint": Target(check_lint, seeds.lint_files, 1 << 14, seeds.LINT_WORDS, share=3),
    "flash-file": Target(check_flash_file, seeds.flash_files, 1 << 12, seeds.FLASH_WORDS),
    "board-file": Target(check_board_file, seeds.board_files, 1 << 12, seeds.BOARD_WORDS),
    "storage-info": Target(check_storage_info, seeds.storage_infos, STORAGE_INFO_BYTES + 8, seeds.NUMBERS),
    "flash-device": Target(check_flash_device, seeds.flash_devices, FLASH_DEVICE_BYTES + 8, seeds.NUMBERS),
}
