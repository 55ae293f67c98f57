"""Writes a new `.flash` file in the order and spelling of most real ones (docs/formats/iar.md, The .flash file)."""

from collections.abc import Iterator

from loaderconv_formats.iar.flash_file import read_flash_file
from loaderconv_formats.iar.read_back import read_back, refuse_difference
from loaderconv_formats.xml.new_file import NewElement, xml_file
from loaderconv_schemas.device import Device, SectorRun
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.iar import IarSettings


def flash_file_bytes(device: Device, settings: IarSettings) -> bytes:
    """Return the file. What it has no place for is left out: the device's name, kind, erased value and timeouts.

    Raises:
        ConversionRefused: sectors that overlap or go backwards, or a value that would not be read back as it is.
    """
    data = xml_file(NewElement("flash_device", tuple(_elements(device, settings))))
    written = read_back(data, lambda document: read_flash_file(document, device.name))
    refuse_difference(device, written.device, "base_address", "size_bytes", "page_size_bytes", "sectors")
    refuse_difference(settings, written.settings, *IarSettings.model_fields)
    return data


def _elements(device: Device, settings: IarSettings) -> Iterator[NewElement]:
    yield NewElement("exe", settings.executable)
    yield NewElement("page", str(device.page_size_bytes))
    yield from _layout(device.sectors)
    yield NewElement("flash_base", f"0x{device.base_address:08x}")
    if settings.macro is not None:
        yield NewElement("macro", settings.macro)
    yield NewElement("aggregate", "1" if settings.aggregate else "0")
    if settings.online:
        yield NewElement("online", "1")
    if settings.arguments:
        yield NewElement("args", "\n".join(settings.arguments))
    if settings.arguments_doc is not None:
        yield NewElement("args_doc", settings.arguments_doc)
    if settings.relocatable:
        yield NewElement("relocatable_exe", "1")


def _layout(runs: tuple[SectorRun, ...]) -> Iterator[NewElement]:
    end = 0
    for run in runs:
        if run.offset_bytes < end:
            raise ConversionRefused(
                f"The sectors at offset 0x{run.offset_bytes:x} begin before those in front of them end.",
                hint="A .flash file lists blocks from the base upwards; give each memory a file of its own.",
            )
        if run.offset_bytes > end:
            yield NewElement("gap", f"0x{run.offset_bytes - end:x}")
        yield NewElement("block", f"{run.count} 0x{run.sector_size_bytes:x}")
        end = run.end_offset_bytes
