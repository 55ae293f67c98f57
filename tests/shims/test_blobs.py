"""The committed shims: small, complete, and what their sources give."""

import subprocess
import sys

import pytest

from loaderconv.shims.blob import load_shim
from loaderconv.shims.build import MAX_CODE_BYTES, RECIPES, Recipe
from support.toolchain import needs_toolchain

SHIMS = [pytest.param(recipe, id=recipe.name) for recipe in RECIPES]
FIELDS = {
    "device_base": 0x9000_0000,
    "device_size": 0x1000,
    "address_delta": 0x7000_0000,
    "page_size": 0x100,
    "program_unit": 0x10,
    "init_address": 0x8000_0000,
    "erased_value": 0xFF,
    "clock_hz": 0,
    "static_base": 0x2000_0800,
    "stack_top": 0x2000_4000,
    "argument_count": 2,
    "argument_vector": 0x2000_0900,
    "source_block": 0x2000_0A00,
    "refused_results": 0x5_0000,
    "page_buffer": 0x400,
    "own_start": 0xFFFF_F000,
    "own_size": 0x1400,
}
RUN = {"offset": 0, "sector_size": 0x1000, "end_offset": 0x1000}
RANGE = {"from": -0x800, "to": 0x2000_0004, "copy_size": 0x700, "zero_size": 0x80}


@pytest.mark.parametrize("recipe", SHIMS)
def test_manifest_and_code_belong_together(recipe: Recipe) -> None:
    shim = load_shim(recipe.name)
    assert 0 < len(shim.code) < MAX_CODE_BYTES
    assert len(shim.code) % 4 == 0
    assert set(shim.routines) == set(recipe.routines)
    ends = [routine.offset_bytes + routine.size_bytes for routine in shim.routines.values()]
    assert max(ends) <= len(shim.code)
    assert all(routine.size_bytes for routine in shim.routines.values())


@pytest.mark.parametrize("recipe", SHIMS)
def test_table_puts_values_where_the_c_declaration_has_them(recipe: Recipe) -> None:
    shim = load_shim(recipe.name)
    first, *_, last = shim.layout.routines
    table = shim.table(
        fields=FIELDS,
        routines={first: 0x2000_0001},
        flags=["SHIM_READABLE", "SHIM_INIT_ONCE"],
        runs=[RUN, RUN],
        install=[RANGE, RANGE, RANGE],
    )

    def word(offset: int) -> int:
        return int.from_bytes(table[offset : offset + 4], "little")

    assert {name: word(shim.layout.table[name]) for name in FIELDS} == FIELDS
    assert word(shim.layout.table["routine"] + 4 * shim.layout.routines[first]) == 0x2000_0001
    assert word(shim.layout.table["routine"] + 4 * shim.layout.routines[last]) == 0
    assert word(shim.layout.table["flags"]) == shim.layout.flags["SHIM_READABLE"] | shim.layout.flags["SHIM_INIT_ONCE"]
    assert word(shim.layout.table["phase"]) == word(shim.layout.table["is_installed"]) == 0
    second = shim.layout.table["run"] + 4 * len(shim.layout.run)
    assert {name: word(second + offset) for name, offset in shim.layout.run.items()} == RUN
    assert word(shim.layout.table["install_count"]) == 3
    third = word(shim.layout.table["install_list"]) + 2 * 4 * len(shim.layout.install_range)
    found = {name: word(third + offset) for name, offset in shim.layout.install_range.items()}
    assert found == RANGE | {"from": RANGE["from"] % (1 << 32)}
    assert len(table) == shim.table_size_bytes(2, 3) == third + 4 * len(shim.layout.install_range)


def test_every_pair_of_flavours_has_a_shim() -> None:
    flavours = ("stldr", "flm", "iar")
    pairs = {f"{face}_over_{source}" for face in flavours for source in flavours if face != source}
    assert {recipe.name for recipe in RECIPES} == pairs


@pytest.mark.parametrize("recipe", SHIMS)
def test_lists_may_be_as_long_as_an_flm_s(recipe: Recipe) -> None:
    shim = load_shim(recipe.name)
    runs = [
        {"offset": start, "sector_size": 0x1000, "end_offset": start + 0x1000}
        for start in range(0, 511 * 0x1000, 0x1000)
    ]
    table = shim.table(fields=FIELDS, routines={}, flags=[], runs=runs)
    assert int.from_bytes(table[-4:], "little") == 511 * 0x1000


def test_every_field_of_the_table_is_given() -> None:
    shim = load_shim(RECIPES[0].name)
    without = {name: value for name, value in FIELDS.items() if name != "page_size"}
    with pytest.raises(KeyError, match="page_size"):
        shim.table(fields=without, routines={}, flags=[], runs=[])
    with pytest.raises(KeyError, match="no_such_field"):
        shim.table(fields={**FIELDS, "no_such_field": 1}, routines={}, flags=[], runs=[])


@needs_toolchain
@pytest.mark.toolchain
def test_sources_give_the_committed_bytes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "loaderconv.shims.build", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\n(the bytes are those of Debian 12's gcc 12.2.rel1)"
