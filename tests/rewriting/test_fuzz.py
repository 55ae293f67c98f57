"""Whatever is done to a file: it is rewritten, and reads as it did, or it is refused with a reason. Nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from loaderconv.rewriting.result import Rewritten
from loaderconv_formats.detection import is_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.errors import ExitCode, LoaderConvError
from support import elf_surgery as elf
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.fuzzing import fuzz_settings, mutated
from support.paths import FIXTURES
from support.rewriting import fixture, in_code_segment, in_section_of_constants, rewritten, saved

STLDRS = [
    saved(fixture("strict_stldr_short.stldr")),
    saved(fixture("strict_stldr_at_zero.stldr")),
    saved(fixture("strict_stldr_emit_relocs.elf")),
    saved(in_code_segment(fixture("strict_stldr_short.stldr"))),
    saved(in_section_of_constants(fixture("strict_stldr_short.stldr"))),
]
FLMS = [(FIXTURES / "strict_flm.FLM").read_bytes(), build(FlmRecipe())]
XMLS = [path.read_bytes() for path in (FIXTURES / "iar").rglob("*") if path.suffix in (".flash", ".board")]


def rewritten_or_refused(
    data: bytes, *, name: str | None = "fuzzed", without_debug_info: bool = False
) -> Rewritten | None:
    """Rewrite; None where that is refused as it must be."""
    try:
        result = rewritten(data, name=name, without_debug_info=without_debug_info)
    except LoaderConvError as refusal:
        problem = refusal
    else:
        again = rewritten(result.data, name=name, without_debug_info=without_debug_info)
        assert (again.data, again.changes) == (result.data, ())
        return result
    assert problem.exit_code in (ExitCode.USAGE, ExitCode.UNREADABLE, ExitCode.REFUSED), problem.message
    assert problem.message
    assert problem.hint
    return None


@fuzz_settings
@given(mutated(STLDRS), st.booleans())
def test_damaged_stldr(data: bytes, without_debug_info: bool) -> None:
    result = rewritten_or_refused(data, without_debug_info=without_debug_info)
    if result is not None:
        device = parse_loader(result.data, "x").loader.described_device
        assert device == parse_loader(data, "x").loader.described_device.model_copy(update={"name": "fuzzed"})


MOVED = saved(fixture("strict_stldr_emit_relocs.elf"))
TABLES = [elf.section(MOVED, name) for name in (".rel.text", ".rel.data")]
RELOCATION_BYTES = [offset for each in TABLES for offset in range(each.offset, each.offset + each.size_bytes)]


@fuzz_settings
@given(st.dictionaries(st.sampled_from(RELOCATION_BYTES), st.integers(0, 255), min_size=1, max_size=6))
def test_damaged_relocations(changes: dict[int, int]) -> None:
    damaged = bytearray(MOVED)
    for offset, value in changes.items():
        damaged[offset] = value
    result = rewritten_or_refused(bytes(damaged))
    if result is not None:
        before, after = (parse_loader(data, "x").loader for data in (MOVED, result.data))
        assert [entry.address - 4 for entry in after.entry_points] == [entry.address for entry in before.entry_points]


@fuzz_settings
@given(mutated(FLMS), st.booleans())
def test_damaged_flm(data: bytes, without_debug_info: bool) -> None:
    result = rewritten_or_refused(data, name=None, without_debug_info=without_debug_info)
    if result is not None:
        before = parse_loader(data, "x").loader
        kept = tuple(each for each in before.notices if each.code != "trailing-bytes")  # which are left out
        assert parse_loader(result.data, "x").loader == before.model_copy(update={"notices": kept})


@fuzz_settings
@given(
    st.sampled_from(XMLS), st.integers(0, 400), st.binary(max_size=3), st.sampled_from([b"", b" \n", b"\xef\xbb\xbf"])
)
def test_damaged_xml(data: bytes, offset: int, new: bytes, front: bytes) -> None:
    damaged = front + data[:offset] + new + data[offset + len(new) :]
    result = rewritten_or_refused(damaged, name=None)
    if result is not None and not is_elf(damaged):
        assert damaged.endswith(result.data)
