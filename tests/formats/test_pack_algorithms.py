"""What is read of the `<algorithm>` elements of a pack."""

import pytest

from loaderconv_formats.pack import described_algorithms
from loaderconv_formats.pack.described_algorithms import DescribedAlgorithm, algorithms_of
from loaderconv_formats.pack.device_tree import PackIdentity, parse_pdsc
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import UnreadableInput
from support.packs import IRAM, SRAM, algorithm, device, family, pdsc_text

A, B, C = (algorithm(f"{name}.FLM") for name in "abc")


def algorithms(*content: str, boards: str = "") -> tuple[DescribedAlgorithm, ...]:
    """Return the algorithms of a pack with one family, and with boards."""
    return algorithms_of(parse_pdsc(with_boards(pdsc_text(family(*content)), boards)))


def with_boards(text: bytes, boards: str) -> bytes:
    """Put boards into a description."""
    return text.replace(b"</package>", f"<boards>{boards}</boards></package>".encode())


def names(elements: tuple[DescribedAlgorithm, ...]) -> list[str]:
    """Return the names of the files."""
    return [each.attributes["name"] for each in elements]


class TestPlaces:
    def test_all_levels(self) -> None:
        variant = f'<variant Dvariant="V">{algorithm("v.FLM")}</variant>'
        found = algorithms(A, f'<subFamily DsubFamily="S">{B}{device("D", C, variant)}</subFamily>')
        assert [(each.attributes["name"], each.owner) for each in found] == [
            ("a.FLM", "Strict"),
            ("b.FLM", "S"),
            ("c.FLM", "D"),
            ("v.FLM", "V"),
        ]

    def test_boards(self) -> None:
        (found,) = algorithms(boards=f'<board vendor="V" name="Kit"><mountedDevice/>{A}</board>')
        assert (found.owner, found.default_ram) == ("Kit", ())

    def test_elsewhere_there_are_none(self) -> None:
        assert algorithms(f"<environment>{A}</environment>", boards=f"<x>{A}</x>") == ()

    def test_line_and_offset(self) -> None:
        text = pdsc_text(family(device("D", "\n", A)))
        (found,) = algorithms_of(parse_pdsc(text))
        assert found.line == 3
        assert text[found.offset_bytes :].startswith(b'<algorithm name="a.FLM"')

    def test_attributes_are_all_kept(self) -> None:
        (found,) = algorithms(algorithm("a.FLM", startup="1", default=None))
        assert found.attributes == {"name": "a.FLM", "start": "0x08000000", "size": "0x00010000", "startup": "1"}


class TestOthers:
    def test_what_counts_in_the_same_place(self) -> None:
        *_, last = algorithms(A, device("D", B, C))
        assert (names(last.inherited), names(last.beside)) == (["a.FLM"], ["b.FLM"])

    def test_siblings_do_not_mix(self) -> None:
        *_, last = algorithms(device("D", A), device("E", B))
        assert (last.inherited, last.beside) == ((), ())

    def test_what_follows_below_counts_too(self) -> None:
        *_, last = algorithms(device("D", B), A)
        assert names(algorithms(device("D", B), A)[0].inherited) == ["a.FLM"]
        assert last.attributes["name"] == "a.FLM"


class TestDefaultRam:
    def test_device(self) -> None:
        (found,) = algorithms(device("D", IRAM, A))
        assert found.default_ram == (AddressRange(start=0x2000_0000, size_bytes=0x8000),)

    def test_family_has_that_of_all_devices(self) -> None:
        small = SRAM.replace("0x8000", "0x1000")
        found, *_ = algorithms(A, device("D", SRAM), device("E", small), device("F", SRAM))
        assert [each.size_bytes for each in found.default_ram] == [0x1000, 0x8000]

    @pytest.mark.parametrize("change", [('default="1"', ""), ('access="rwx"', 'access="rw"'), ("0x8000", "0")])
    def test_no_such_memory(self, change: tuple[str, str]) -> None:
        (found,) = algorithms(device("D", SRAM.replace(*change), A))
        assert found.default_ram == ()

    def test_memory_that_cannot_be_read(self) -> None:
        broken = SRAM.replace("0x20000000", "?")
        found = algorithms(device("D", broken, A), device("E", SRAM, B))
        assert [len(each.default_ram) for each in found] == [0, 1]

    def test_processors(self) -> None:
        shared = SRAM.replace("SRAM", "SHARED").replace("0x8000", "0x100")
        own = SRAM.replace("/>", ' Pname="CM7"/>')
        found = algorithms(device("D", own, shared, *(algorithm("a.FLM", Pname=name) for name in ("CM7", "CM4", None))))
        assert [each.default_ram[0].size_bytes for each in found] == [0x8000, 0x100, 0x8000]


class TestBounds:
    def test_algorithms_of_a_device(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(described_algorithms, "MAX_ALGORITHMS", 3)
        assert len(algorithms(A, device("D", B, C), device("E", B, C))) == 5
        with pytest.raises(UnreadableInput, match="more than 3 count for <device> in line 2"):
            algorithms(A, device("D", A, B, C))

    def test_processors(self) -> None:
        many = [algorithm("a.FLM", Pname=f"P{number}") for number in range(17)]
        assert len(algorithms(device("D", *many[:16]))) == 16
        with pytest.raises(UnreadableInput, match="more than 16 processors"):
            algorithms(device("D", *many))


def test_identity() -> None:
    assert parse_pdsc(pdsc_text()).identity == PackIdentity("Strict", "Examples_DFP", "2.1.0")
    assert str(PackIdentity("Strict", "", "1")) == "Strict.1"
