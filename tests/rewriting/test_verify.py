"""Nothing is written that does not read back as it was meant."""

from dataclasses import replace

import pytest

from loaderconv.rewriting.draft import Draft
from loaderconv.rewriting.verify import verify
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.errors import ConversionRefused
from support.paths import FIXTURES

DATA = (FIXTURES / "strict_stldr.stldr").read_bytes()


def draft() -> Draft:
    file = parse_loader(DATA, "verified")
    return Draft(file.image, file.loader)


def test_what_was_meant_passes() -> None:
    meant = draft()
    assert len(verify(write_elf(meant.image), meant)) == 3


def test_bytes_of_the_image_that_differ_are_noticed() -> None:
    meant = draft()
    data = bytearray(write_elf(meant.image))
    start = bytes(data).index(meant.image.load_segments[0].data)
    data[start + 0x40] ^= 1
    with pytest.raises(ConversionRefused, match="its segments would differ"):
        verify(bytes(data), meant)


def test_meaning_that_differs_is_noticed() -> None:
    meant = draft()
    device = meant.expected.described_device.model_copy(update={"page_size_bytes": 512})
    other = replace(meant, expected=meant.expected.model_copy(update={"device": device}))
    with pytest.raises(ConversionRefused, match="its device would differ"):
        verify(write_elf(meant.image), other)


def test_debug_information_that_differs_is_noticed() -> None:
    """It is no part of a loader's meaning."""
    meant = draft()
    data = write_elf(meant.image)
    section = next(each for each in meant.image.sections if each.name == ".debug_line")
    section.content = section.data[:-1] + bytes([section.data[-1] ^ 1])
    with pytest.raises(ConversionRefused, match=r"section \d+ would differ"):
        verify(data, meant)


def test_disagreement_of_the_second_reader_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from loaderconv.rewriting import verify as module  # noqa: PLC0415
    from loaderconv_formats.elf.second_reader import second_reading  # noqa: PLC0415

    meant = draft()
    monkeypatch.setattr(module, "second_reading", lambda data: replace(second_reading(data), entry=0))
    with pytest.raises(ConversionRefused, match="what LIEF reads"):
        verify(write_elf(meant.image), meant)


def test_relocations_that_differ_are_noticed() -> None:
    file = parse_loader((FIXTURES / "strict_stldr_emit_relocs.elf").read_bytes(), "verified")
    meant = Draft(file.image, file.loader)
    data = write_elf(meant.image)
    assert len(verify(data, meant)) == 3
    table = next(each for each in meant.image.sections if each.name == ".rel.text")
    assert isinstance(table.content, list)
    table.content[0].type += 1
    with pytest.raises(ConversionRefused, match="its relocations would differ"):
        verify(data, meant)
