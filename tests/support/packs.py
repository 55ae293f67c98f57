"""Packs of our own making."""

import io
import zipfile
from pathlib import Path

from loaderconv_formats.pack.device_memories import chips_of
from loaderconv_formats.pack.device_tree import parse_pdsc
from loaderconv_schemas.chip import Chip

IRAM = '<memory id="IRAM1" start="0x20000000" size="0x8000" init="0" default="1"/>'
SRAM = '<memory name="SRAM" access="rwx" start="0x20000000" size="0x8000" default="1"/>'


def pdsc_text(*families: str) -> bytes:
    """Return a description of a pack with these families."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<package schemaVersion="1.7.0"><vendor>Strict</vendor>'
        "<name>Examples_DFP</name><releases><release version='2.1.0'/><release version='2.0.0'/></releases>"
        f"<devices>{''.join(families)}</devices></package>"
    ).encode()


def family(*content: str) -> str:
    """Return a family of our own vendor."""
    return f'<family Dfamily="Strict" Dvendor="Strict Silicon:99">{"".join(content)}</family>'


def device(name: str, *content: str) -> str:
    """Return a device."""
    return f'<device Dname="{name}">{"".join(content)}</device>'


def algorithm(name: str, **attributes: str | None) -> str:
    """Return an algorithm for 64 KiB from 0x08000000 on, by default; None leaves an attribute out."""
    said = {"name": name, "start": "0x08000000", "size": "0x00010000", "default": "1", **attributes}
    listed = " ".join(f'{key}="{value}"' for key, value in said.items() if value is not None)
    return f"<algorithm {listed}/>"


def read_chips(*content: str) -> tuple[Chip, ...]:
    """Return what is read of a family with that content."""
    return chips_of(parse_pdsc(pdsc_text(family(*content))), "a.pdsc")


def write_pdsc(folder: Path, *content: str, name: str = "a.pdsc") -> Path:
    """Write a description with one family, and return its path."""
    path = folder / name
    path.write_bytes(pdsc_text(family(*content)))
    return path


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()
