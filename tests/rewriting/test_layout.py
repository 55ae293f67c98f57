"""A file that needs nothing loses nothing: the layout is ours, everything in it is the author's."""

from pathlib import Path

import pytest

from loaderconv_formats.elf.facts import facts_of
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.errors import ConversionRefused, UnreadableInput, UsageProblem
from loaderconv_schemas.file_kind import FileKind
from support.flm_builder import build
from support.flm_recipe import FlmRecipe, routines_without
from support.paths import FIXTURES, all_corpus_flms
from support.rewriting import codes, fixture, rewritten, saved

ELF_SUFFIXES = (".FLM", ".stldr", ".out")

IN_ORDER = [
    pytest.param(path, id=path.name)
    for path in sorted(FIXTURES.rglob("*"))
    if path.suffix in ELF_SUFFIXES and path.name != "strict_stldr_short.stldr"
]

KINDS = {".FLM": FileKind.FLM, ".stldr": FileKind.STLDR, ".out": FileKind.IAR_EXECUTABLE}


def check_layout_only(data: bytes, out: str) -> None:
    """Check that a rewrite brings a file into our layout and does nothing else."""
    result = rewritten(data, out=out)
    assert result.changes == ()
    assert len(result.checks) == 3
    assert result.data == write_elf(read_elf(data))
    assert facts_of(read_elf(data)).difference(facts_of(read_elf(result.data))) is None
    assert parse_loader(result.data, "x").loader == parse_loader(data, "x").loader
    assert rewritten(result.data, out=out).data == result.data


@pytest.mark.parametrize("path", IN_ORDER)
def test_loaders_in_order_get_another_layout_only(path: Path) -> None:
    check_layout_only(path.read_bytes(), path.name)
    assert rewritten(path.read_bytes(), out=path.name).kind is KINDS[path.suffix]


@pytest.mark.corpus
@pytest.mark.parametrize("path", all_corpus_flms())
def test_real_loaders_get_another_layout_only(path: Path) -> None:
    check_layout_only(path.read_bytes(), path.name)


@pytest.mark.parametrize("out", ["NAME.elf", "NAME.out", "NAME"])
def test_content_decides_whatever_the_suffix(out: str) -> None:
    data = (FIXTURES / "strict_stldr.stldr").read_bytes()
    assert rewritten(data, out=out, name="strict_stldr").kind is FileKind.STLDR


@pytest.mark.parametrize(
    ("source", "out"),
    [
        ("strict_flm.FLM", "x.stldr"),
        ("strict_stldr.stldr", "x.FLM"),
        ("strict_stldr.stldr", "x.flm"),
        ("strict_flm.FLM", "x.flash"),
        ("strict_stldr.stldr", "x.board"),
    ],
)
def test_output_that_promises_another_kind_is_a_mistake(source: str, out: str) -> None:
    with pytest.raises(UsageProblem, match="stays one"):
        rewritten((FIXTURES / source).read_bytes(), out=out)


@pytest.mark.parametrize(
    ("source", "out"), [("strict_stldr.stldr", ".stldr"), ("strict_flm.FLM", ".FLM"), ("strict_flm.FLM", ".stldr")]
)
def test_suffix_alone_is_no_name(source: str, out: str) -> None:
    with pytest.raises(UsageProblem, match=f"suffix without a name: \\{out}") as problem:
        rewritten((FIXTURES / source).read_bytes(), out=out, name="x")
    assert f"NAME{out}" in problem.value.hint


def test_name_may_start_with_a_dot() -> None:
    result = rewritten((FIXTURES / "strict_stldr.stldr").read_bytes(), out=".hidden.stldr")
    assert parse_loader(result.data, "x").loader.described_device.name == ".hidden"


@pytest.mark.parametrize("missing", ["StorageInfo", "Init", "Write", "SectorErase"])
def test_stldr_that_no_host_drives_is_refused(missing: str) -> None:
    image = fixture("strict_stldr.stldr")
    image.symbols = [symbol for symbol in image.symbols if symbol.name != missing]
    with pytest.raises(ConversionRefused, match=f"lacks {missing}\\.$"):
        rewritten(saved(image), out="x.stldr")


def test_routines_that_may_be_missing() -> None:
    image = fixture("strict_stldr.stldr")
    optional = {"Read", "MassErase", "CheckSum", "Verify"}
    image.symbols = [symbol for symbol in image.symbols if symbol.name not in optional]
    assert codes(rewritten(saved(image), out="strict_stldr.stldr")) == []


def test_all_that_a_program_lacks_is_named() -> None:
    image = fixture("strict_stldr.stldr")
    lost = {"StorageInfo", "Init", "SectorErase"}
    image.symbols = [symbol for symbol in image.symbols if symbol.name not in lost]
    with pytest.raises(ConversionRefused, match="lacks StorageInfo, Init and SectorErase") as refusal:
        rewritten(saved(image), out="x.stldr")
    assert "KEEP" in refusal.value.hint
    with pytest.raises(UnreadableInput, match="not a flash loader"):
        rewritten(saved(image), out="x.elf")


def test_flm_without_optional_routines_is_no_business_of_a_rewrite() -> None:
    check_layout_only(build(FlmRecipe(routines=routines_without("EraseChip", "Verify"))), "x.FLM")


@pytest.mark.parametrize("data", [b"", b"MZ", b"\x7fELF", b"<html/>", b"PK\x03\x04"])
def test_other_files_are_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableInput):
        rewritten(data)


@pytest.mark.parametrize("path", IN_ORDER)
def test_what_lies_behind_the_end_of_the_file_is_told(path: Path) -> None:
    """Two loaders in one file, as a careless copy makes them: hosts see the first, and so do we."""
    data = path.read_bytes()
    result = rewritten(data + b"another file", out=f"{path.stem}{path.suffix}")
    assert codes(result) == ["trailing-bytes"]
    assert "12 bytes" in result.changes[0].message
    assert result.data == rewritten(data, out=f"{path.stem}{path.suffix}").data
    with_tail, without = parse_loader(data + b"another file", "x").loader, parse_loader(data, "x").loader
    assert with_tail.notices[:-1] == without.notices
    assert with_tail.notices[-1].code == "trailing-bytes"
