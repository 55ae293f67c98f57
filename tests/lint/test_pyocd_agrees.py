"""What the rules say of pyOCD is what pyOCD 0.46 does: it is asked about every FLM that the tests know."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyocd.core.memory_map import RamRegion
from pyocd.target.pack.flash_algo import FlashAlgoException

from loaderconv.lint.facts import UserFacts
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.lint import Finding
from support.lint_cases import BAD, GOOD, flm_pages, flm_sectors
from support.paths import all_corpus_flms, corpus_flm, fixture_flms
from support.pyocd_plans import is_taken, parsed, programs_what_it_erased
from support.rule_cases import Bad, Good, check

CASES: list[Bad | Good] = [case for case in (*BAD, *GOOD) if case.rule.startswith("FLM")]
GEOMETRY_CASES = [*flm_pages.BAD, *flm_pages.GOOD, *flm_sectors.BAD, *flm_sectors.GOOD]
GEOMETRY = {"FLM045", "FLM046", "FLM047", "FLM048", "FLM049", "FLM050"}


def findings_in(path: Path) -> tuple[Finding, ...]:
    return check(path, UserFacts()).findings


def pyocd_verdicts(findings: tuple[Finding, ...]) -> Iterator[tuple[str, str, Verdict]]:
    for each in findings:
        for effect in each.effects:
            if effect.host is Host.PYOCD:
                yield each.rule, each.code, effect.verdict


def assert_agreement(path: Path) -> None:
    told = sorted(pyocd_verdicts(findings_in(path)))
    rejected = [each for each in told if each[2] is Verdict.REJECTED]
    assert is_taken(path.read_bytes()) == (not rejected), (path.name, told)


@pytest.mark.parametrize("path", all_corpus_flms())
def test_agrees_on_real_files(path: Path) -> None:
    assert_agreement(path)


@pytest.mark.parametrize("path", fixture_flms(), ids=lambda path: path.name)
def test_agrees_on_our_own_files(path: Path) -> None:
    assert_agreement(path)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_agrees_on_files_of_the_rules(case: Bad | Good, tmp_path: Path) -> None:
    case.write(tmp_path)
    for path in tmp_path.rglob("*"):
        if path.suffix.lower() == ".flm":
            assert_agreement(path)


OTHER_HEADERS = {
    "other class": ((4, 2),),
    "other byte order": ((5, 2),),
    "no class": ((4, 0),),
    "object file": ((16, 1),),
    "shared object": ((16, 3),),
    "other machine": ((18, 3),),
    "other machine, no sections": ((18, 3), (48, 0)),
    "other machine, sections behind the end": ((18, 3), (35, 0x7F)),
    "other machine, other names": ((18, 3), (50, 0)),
}
"""Offsets and new values of bytes of the ELF header."""


@pytest.mark.parametrize("change", OTHER_HEADERS)
@pytest.mark.parametrize("path", fixture_flms(), ids=lambda path: path.name)
def test_agrees_on_files_with_another_header(path: Path, change: str, tmp_path: Path) -> None:
    """FLM001: a header that leads nowhere is refused, one of another processor is taken."""
    data = bytearray(path.read_bytes())
    for offset, value in OTHER_HEADERS[change]:
        data[offset] = value
    copy = tmp_path / "x.FLM"
    copy.write_bytes(data)
    assert_agreement(copy)


@pytest.mark.parametrize("section_count", [0, 1], ids=["headers-only", "one-section"])
def test_agrees_on_a_stripped_program_of_the_host(section_count: int, tmp_path: Path) -> None:
    """FLM001: a program such as /bin/true has no symbols, on which pyOCD stumbles."""
    header = b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, 64 if section_count else 0, 0, 64, 56, 0, 64, section_count, 0
    )
    path = tmp_path / "x.FLM"
    path.write_bytes(header + bytes(64 * section_count))
    found = findings_in(path)
    assert [(each.rule, each.code) for each in found] == [("FLM001", "not-32-bit")]
    assert ("FLM001", "not-32-bit", Verdict.REJECTED) in pyocd_verdicts(found)
    assert_agreement(path)


@pytest.mark.parametrize("case", GEOMETRY_CASES, ids=str)
def test_losses_by_geometry_are_real(case: Bad | Good, tmp_path: Path) -> None:
    path = case.write(tmp_path)
    if not is_taken(path.read_bytes()):
        return
    losses = {rule for rule, _, verdict in pyocd_verdicts(findings_in(path)) if verdict is Verdict.LOSS}
    assert losses <= GEOMETRY
    assert programs_what_it_erased(path.read_bytes()) == (not losses)


@pytest.mark.parametrize("path", all_corpus_flms())
def test_losses_of_real_files_are_real(path: Path) -> None:
    verdicts = pyocd_verdicts(findings_in(path))
    losses = [each for each in verdicts if each[0] in GEOMETRY and each[2] is Verdict.LOSS]
    assert programs_what_it_erased(path.read_bytes()) == (not losses), losses


@pytest.mark.parametrize("name", ["nrf53xx_network.flm", "nrf53xx_network_uicr.flm"])
def test_absolute_sector_addresses_make_the_memory_vanish(name: str) -> None:
    path = corpus_flm(name)
    found = findings_in(path)
    assert [(each.rule, each.code) for each in found] == [("FLM049", "absolute")]
    algorithm = parsed(path.read_bytes())
    assert "0x01000000" in found[0].message
    assert f"DevAdr 0x{algorithm.flash_start:08x}" in found[0].message
    assert list(algorithm.iter_sector_size_ranges()) == []


def case_of(code: str, rule: str) -> Bad:
    return next(each for each in BAD if (each.rule, each.code) == (rule, code))


def test_missing_bytes_are_missing_in_the_image(tmp_path: Path) -> None:
    """FLM024, FLM010: what lies outside of PrgCode and PrgData is not in pyOCD's image."""
    constants = parsed(case_of("outside", "FLM024").write(tmp_path).read_bytes())
    assert b"constant" not in constants.algo_data
    routine = parsed(case_of("outside", "FLM010").write(tmp_path).read_bytes())
    assert routine.symbols["EraseSector"] > len(routine.algo_data)


def test_variables_far_away_do_not_fit(tmp_path: Path) -> None:
    """FLM023: pyOCD's image has everything between code and data, here 128 KiB."""
    algorithm = parsed(case_of("far-away", "FLM023").write(tmp_path).read_bytes())
    with pytest.raises(FlashAlgoException, match="not enough memory"):
        algorithm.get_pyocd_flash_algo(algorithm.page_size, RamRegion(start=0x2000_0000, length=0x1_0000))


def test_gap_is_kept(tmp_path: Path) -> None:
    """FLM023: no host but probe-rs is named, since pyOCD places data by its address."""
    algorithm = parsed(case_of("gap", "FLM023").write(tmp_path).read_bytes())
    assert algorithm.algo_data[0x1C:].startswith(bytes(4) + b"RW data.")


def test_overlapped_zeros_are_not_zero(tmp_path: Path) -> None:
    algorithm = parsed(case_of("overlap", "FLM023").write(tmp_path).read_bytes())
    assert any(algorithm.algo_data[algorithm.zi_start : algorithm.zi_start + algorithm.zi_size])


def test_missing_descriptor_makes_an_empty_device(tmp_path: Path) -> None:
    for code in ("missing", "not-a-variable"):
        algorithm = parsed(case_of(code, "FLM040").write(tmp_path).read_bytes())
        assert (algorithm.flash_size, algorithm.page_size, algorithm.sector_sizes) == (0, 0, [])


def test_descriptor_in_the_program_is_read_from_there(tmp_path: Path) -> None:
    """FLM025, where pyOCD finds a terminator in the variables."""
    case = [each for each in BAD if each.rule == "FLM025"][-1]
    algorithm = parsed(case.write(tmp_path).read_bytes())
    assert algorithm.flash_size != 0x1_0000


@pytest.mark.parametrize("case", [each for each in BAD if each.rule == "FLM042"], ids=str)
def test_names_that_pyocd_cannot_decode(case: Bad, tmp_path: Path) -> None:
    """FLM042: pyOCD names a region by all of the field where a pack has no memory for the algorithm."""
    path = case.write(tmp_path)
    name = parsed(path.read_bytes()).flash_info.name
    losses = [each for each in pyocd_verdicts(findings_in(path)) if each[2] is Verdict.LOSS]
    assert name.isascii() == (not losses)
