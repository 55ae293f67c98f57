"""Whatever can be read can be shown and compared, however odd its numbers are."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from loaderconv.inspection.difference import bundle_differences
from loaderconv.inspection.inspect import inspect_loader
from loaderconv.report.inspection import inspect_report
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.inspection import InspectedFile, InspectedPass, InspectReport
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.fuzzing import fuzz_settings, interesting_words, mutated
from support.inspecting import FLM, OUT, STLDR
from support.loader_models import bundle
from support.reading import read_or_refusal
from support.rendering import rendered

WHOLE = {path.suffix: parse_loader(path.read_bytes(), "whole").loader for path in (FLM, STLDR, OUT)}


@st.composite
def patched_out(draw: st.DrawFn) -> bytes:
    """Return our IAR loader with some words changed, mostly in its tables at the end of the file."""
    data = bytearray(OUT.read_bytes())
    for _ in range(draw(st.integers(1, 6))):
        offset = draw(st.one_of(st.integers(0, len(data) - 4), st.integers(len(data) // 2, len(data) - 4)))
        struct.pack_into("<I", data, offset & -4, draw(interesting_words))
    return bytes(data)


def show_and_compare(data: bytes) -> None:
    outcome = read_or_refusal(data)
    if isinstance(outcome, UnreadableInput):
        return
    shown = InspectedFile(
        path="damaged",
        kind=FileKind.FLM,
        size_bytes=len(data),
        sha256=outcome.sha256,
        passes=(InspectedPass(loader=inspect_loader(outcome.loader)),),
    )
    report = InspectReport(files=(shown,))
    assert InspectReport.model_validate_json(report.model_dump_json()) == report
    assert rendered(inspect_report(report)).startswith("damaged: ")
    damaged = bundle(outcome.loader)
    assert bundle_differences(damaged, damaged) == ()
    for whole in WHOLE.values():
        there = bundle_differences(bundle(whole), damaged)
        assert len(there) == len(bundle_differences(damaged, bundle(whole)))


@fuzz_settings
@given(mutated([FLM.read_bytes(), STLDR.read_bytes(), build(FlmRecipe())]))
def test_damaged_flm_or_stldr(data: bytes) -> None:
    show_and_compare(data)


@fuzz_settings
@given(patched_out())
def test_damaged_iar_executable(data: bytes) -> None:
    show_and_compare(data)
