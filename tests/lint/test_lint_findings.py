"""What searching for inputs that break `lint` has found; each of them was a crash, or took minutes."""

from pathlib import Path

import pytest

from loaderconv.lint.facts import UserFacts
from loaderconv.lint.opening import Opener
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.lint import Place, PlaceKind
from loaderconv_schemas.text import MAX_LINE_LENGTH, one_line
from support.iar_builder import build
from support.iar_recipe import IarRecipe
from support.iar_texts import BASE, BLOCK, PAGE, board_text, flash_text
from support.packs import IRAM, algorithm, device, family, pdsc_text
from support.sound_lint import assert_sound, findings_of, linted

EXE = "<exe>a.out</exe>"


def rules(path: Path) -> list[str]:
    """Return the rules that a file and all to which it leads break."""
    report = linted(path)
    assert_sound(report)
    return [each.rule for each in findings_of(report)]


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("text", ["<#if a>", "${name}", "{{ name }}"])
def test_arguments_that_wait_to_be_filled_in(tmp_path: Path, text: str) -> None:
    put(tmp_path, "a.out", build(IarRecipe()))
    escaped = text.replace("<", "&lt;").replace(">", "&gt;")
    path = put(tmp_path, "a.flash", flash_text(EXE, PAGE, BLOCK, BASE, f"<args>{escaped}</args>"))
    assert "IAR037" not in rules(path)


@pytest.mark.parametrize("digits", [11, 4301, 100_000])
def test_numbers_with_more_digits_than_python_reads(tmp_path: Path, digits: int) -> None:
    number = "9" * digits
    put(tmp_path, "a.out", build(IarRecipe()))
    path = put(tmp_path, "a.flash", flash_text(EXE, PAGE, BLOCK, f"<flash_base>{number}</flash_base>"))
    assert rules(path) == ["IAR021"]
    loader = f"<pass><loader>a.flash</loader><range>CODE 0x0 {number}</range></pass>"
    assert "IAR025" not in rules(put(tmp_path, "a.board", board_text(loader)))


class TestPacksAsCompanions:
    """A pack may lead to a file that leads to the pack."""

    def test_a_description_that_names_the_pack(self, tmp_path: Path) -> None:
        pack = put(tmp_path, "a.pdsc", pdsc_text(family(device("D", IRAM, algorithm("a.flash", style="IAR")))))
        flash = put(tmp_path, "a.flash", flash_text("<exe>a.pdsc</exe>", PAGE, BLOCK, BASE, "<macro>a.pdsc</macro>"))
        assert "IAR030" in rules(pack)
        assert "IAR030" in rules(flash)

    @pytest.mark.parametrize("style", ["Keil", "IAR"])
    def test_an_algorithm_that_names_the_pack(self, tmp_path: Path, style: str) -> None:
        path = put(tmp_path, "a.pdsc", pdsc_text(family(device("D", IRAM, algorithm("a.pdsc", style=style)))))
        assert rules(path) == ["FLM063"]

    def test_a_pack_is_no_companion(self, tmp_path: Path) -> None:
        path = put(tmp_path, "a.PDSC", pdsc_text(family()))
        assert isinstance(Opener(UserFacts()).open_companion(path), UnreadableInput)
        assert Opener(UserFacts()).open(path).name.path == path


class TestOneLine:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("plain", "plain"),
            ("größe", "größe"),
            ("a\nb\x1b", r"a\nb\x1b"),
            ("\udcf6", r"\udcf6"),
            ("\u202e", r"\u202e"),
        ],
        ids=ascii,
    )
    def test_what_is_not_printable_becomes_an_escape(self, text: str, told: str) -> None:
        assert one_line(text) == told

    def test_as_long_as_a_line_may_be(self) -> None:
        assert one_line("a" * MAX_LINE_LENGTH) == "a" * MAX_LINE_LENGTH

    @pytest.mark.parametrize("text", ["a" * 5000, "\x01" * 400, "\x01" * 5000, "a" * (MAX_LINE_LENGTH - 2) + "\n"])
    def test_of_a_long_one_both_ends_are_left(self, text: str) -> None:
        told = one_line(f"<{text}>")
        assert (told[0], told[-1], len(told)) == ("<", ">", MAX_LINE_LENGTH)
        assert told.isprintable()
        assert one_line(told) == told

    def test_a_fact_behind_a_long_name(self) -> None:
        told = one_line(f"{'N' * 5000} at 0x00001234 is no function.")
        assert told.startswith("NNN")
        assert told.endswith("NNN at 0x00001234 is no function.")

    def test_places(self) -> None:
        place = Place(kind=PlaceKind.SYMBOL, name="gr\udcf6\udcdfe\x1b")
        assert place.name == r"gr\udcf6\udcdfe\x1b"
        assert Place.model_validate_json(place.model_dump_json()) == place
