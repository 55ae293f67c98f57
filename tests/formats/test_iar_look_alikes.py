"""Programs that look like loaders and are none (docs/formats/iar.md, What breaks a naive parser, item 23).

Every program that IAR's linker makes is called `.out`.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from loaderconv_formats.loader_file import parse_loader, read_loader_file
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.loader import Flavour
from support.elf_builder import ExtraSymbol
from support.elf_numbers import STB_LOCAL, STT_FUNC, STT_OBJECT
from support.iar_builder import build, layout
from support.iar_recipe import CORE, RETURN_ZERO, IarRecipe

TEXTBOOK = IarRecipe()
PLACES = layout(TEXTBOOK)


def program(*functions: str, symbols: tuple[ExtraSymbol, ...] = ()) -> IarRecipe:
    """Return an ordinary program as IAR's linker makes it."""
    interface = (*CORE, "frameworkVersion", "__argc", "__argv", "__argvbuf")
    return replace(
        TEXTBOOK,
        functions=dict.fromkeys(("main", *functions), RETURN_ZERO),
        omitted=tuple(name for name in interface if name not in functions),
        extra_symbols=symbols,
    )


def refusal(recipe: IarRecipe) -> str:
    with pytest.raises(UnreadableInput) as caught:
        parse_loader(build(recipe), "built")
    return caught.value.message


def test_23_whatever_their_name(tmp_path: Path) -> None:
    path = tmp_path / "mspi_flash_loader.out"
    path.write_bytes(build(program("am_hal_mspi_initialize", "FlashLoader")))
    with pytest.raises(UnreadableInput, match=r"mspi_flash_loader\.out: .* not a flash loader"):
        read_loader_file(path)


@pytest.mark.parametrize(
    "functions",
    [
        ("Init", "Write"),
        ("Init", "UnInit", "Verify", "BlankCheck"),
        ("Read", "Write", "MassErase"),
        ("FlashInit", "FlashWrite", "FlashErase"),
        ("FlashInitEntry",),
    ],
)
def test_23_with_functions_of_a_loaders_names(functions: tuple[str, ...]) -> None:
    assert "not a flash loader" in refusal(program(*functions))


def test_23_with_all_routines_of_a_stldr() -> None:
    assert "no symbol StorageInfo" in refusal(program("Init", "Write", "SectorErase"))


@pytest.mark.parametrize("name", ["FlashDevice", "StorageInfo"])
def test_23_with_a_function_named_as_a_descriptor(name: str) -> None:
    assert "not a flash loader" in refusal(program(name))


@pytest.mark.parametrize("name", ["FlashDevice", "StorageInfo"])
@pytest.mark.parametrize("section", [TEXTBOOK.data_section, TEXTBOOK.zeroed_section])
def test_23_with_a_variable_named_as_a_descriptor(name: str, section: str) -> None:
    """A pointer of four bytes is no structure, whatever its name."""
    address = TEXTBOOK.data_address if section == TEXTBOOK.data_section else PLACES.zeros[0]
    variable = ExtraSymbol(name, value=address, size_bytes=4, kind=STT_OBJECT, section=section)
    data = replace(program(symbols=(variable,)), data=bytes(160) + b"\xff" * 200)
    assert "not a flash loader" in refusal(data)


def test_23_with_a_static_variable_named_as_a_descriptor() -> None:
    variable = ExtraSymbol(
        "FlashDevice",
        value=TEXTBOOK.data_address,
        size_bytes=4,
        kind=STT_OBJECT,
        binding=STB_LOCAL,
        section=TEXTBOOK.data_section,
    )
    assert "not a flash loader" in refusal(program(symbols=(variable,)))


def test_23_a_loader_with_a_function_of_another_flavours_name() -> None:
    extra = ExtraSymbol(
        "FlashDevice", value=PLACES.functions["FlashInit"] | 1, size_bytes=4, kind=STT_FUNC, section="P1 ro"
    )
    loader = parse_loader(build(replace(TEXTBOOK, extra_symbols=(extra,))), "built").loader
    assert loader.flavour is Flavour.IAR
