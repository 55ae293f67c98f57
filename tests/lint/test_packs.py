"""What of a pack is checked: each loader once, with the RAM that the pack gives it."""

import pickle
from pathlib import Path

import pytest

from loaderconv.lint.facts import RamMap, UserFacts
from loaderconv.lint.opening import Opener
from loaderconv.lint.registry import rules_for
from loaderconv.lint.runner import apply_rules
from loaderconv.lint.subjects.enclosing_pack import pack_around
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.pack import PACK_HOSTS, PackFile
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv.lint.subjects.subject import FileName
from loaderconv_formats.pack.device_tree import PackIdentity
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import ReferenceState
from loaderconv_schemas.errors import UnreadableInput
from loaderconv_schemas.host import Host
from support.flm_builder import build
from support.flm_recipe import FlmRecipe
from support.iar_builder import build as build_iar
from support.iar_recipe import IarRecipe
from support.iar_texts import BASE, BLOCK, PAGE, flash_text
from support.packs import IRAM, SRAM, algorithm, device, family, pdsc_text, zipped
from support.stldr_builder import build as build_stldr
from support.stldr_recipe import StldrRecipe

FLM = build(FlmRecipe())
USUAL = algorithm("Flash/a.FLM")
IAR = algorithm("FlashIAR/a.flash", style="IAR")
VARIABLE = "${CMSIS_PACK_PATH_Strict#Examples_DFP#2.1.0}$"


def pdsc(*content: str) -> bytes:
    """Return a description with one family."""
    return pdsc_text(family(*content))


def open_archive(folder: Path, *content: str, facts: UserFacts = UserFacts(), **files: bytes) -> PackFile:  # noqa: B008
    """Open a pack; underscores in the names of its files stand for slashes, FLM is added."""
    members = {f"{name.replace('_', '/')}.FLM": data for name, data in files.items()}
    return opened(archive(folder, pdsc(*content), members or {"Flash/a.FLM": FLM}), facts)


def archive(folder: Path, description: bytes, members: dict[str, bytes]) -> Path:
    """Write a pack."""
    path = folder / "a.pack"
    path.write_bytes(zipped({"Strict.pdsc": description, **members}))
    return path


def on_disk(folder: Path, description: bytes, members: dict[str, bytes]) -> Path:
    """Write the files of a pack side by side."""
    for name, data in {"Strict.pdsc": description, **members}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder / "Strict.pdsc"


def opened(path: Path, facts: UserFacts | None = None) -> PackFile:
    """Open a pack as `lint` does."""
    subject = Opener(facts or UserFacts()).open(path)
    assert isinstance(subject, PackFile)
    return subject


class TestMembers:
    def test_archive(self, tmp_path: Path) -> None:
        pack = open_archive(tmp_path, device("D", IRAM, USUAL))
        (member,) = pack.members
        assert isinstance(member, FlmFile)
        assert member.name == FileName(tmp_path / "a.pack", "Flash/a.FLM")
        assert pack.name == FileName(tmp_path / "a.pack", "Strict.pdsc")
        assert pack.hosts == (Host.UVISION, Host.PYOCD, Host.PROBE_RS)

    def test_files_on_disk(self, tmp_path: Path) -> None:
        pack = opened(on_disk(tmp_path, pdsc(device("D", USUAL)), {"Flash/a.FLM": FLM}))
        assert [each.name for each in pack.members] == [FileName(tmp_path / "Flash/a.FLM")]
        assert pack.name == FileName(tmp_path / "Strict.pdsc")

    def test_each_file_once(self, tmp_path: Path) -> None:
        others = (algorithm("Flash\\a.FLM"), algorithm("FLASH/A.FLM"), algorithm("Flash/a.FLM", size="0x8000"))
        pack = open_archive(tmp_path, *(device(f"D{n}", USUAL, *others) for n in range(3)))
        assert [len(each.elements) for each in pack.algorithms] == [3, 3, 3, 3]
        assert len(pack.members) == 1
        assert all(each.target is pack.members[0] for each in pack.algorithms)

    def test_parts_are_all_that_is_checked(self, tmp_path: Path) -> None:
        pack = open_archive(tmp_path, device("D", USUAL))
        assert pack.parts == (*pack.algorithms, *pack.members)
        assert {each.name for each in pack.algorithms} == {pack.name}

    def test_what_is_not_named_is_not_read(self, tmp_path: Path) -> None:
        path = archive(tmp_path, pdsc(device("D")), {"Flash/a.FLM": FLM})
        assert opened(path).members == ()

    def test_other_style(self, tmp_path: Path) -> None:
        pack = open_archive(tmp_path, device("D", algorithm("Flash/a.FLM", style="CMSIS")))
        assert (pack.members, pack.algorithms[0].target) == ((), None)

    def test_stldr_called_flm(self, tmp_path: Path) -> None:
        pack = open_archive(tmp_path, device("D", USUAL), Flash_a=build_stldr(StldrRecipe()))
        assert isinstance(pack.members[0], StldrFile)

    def test_no_program(self, tmp_path: Path) -> None:
        pack = open_archive(tmp_path, device("D", USUAL), Flash_a=b":10000000")
        assert (pack.members, type(pack.algorithms[0].target)) == ((), UnreadableInput)

    def test_name_that_leads_out(self, tmp_path: Path) -> None:
        (tmp_path / "a.FLM").write_bytes(FLM)
        (tmp_path / "pack").mkdir()
        pack = opened(on_disk(tmp_path / "pack", pdsc(device("D", algorithm("../a.FLM"))), {}))
        assert pack.members == ()

    @pytest.mark.parametrize("data", [b"", b"<package>", b"PK\3\4", b"<html/>"])
    def test_no_pack(self, tmp_path: Path, data: bytes) -> None:
        path = tmp_path / "a.pack"
        path.write_bytes(data)
        with pytest.raises(UnreadableInput, match=r"a\.pack: "):
            Opener(UserFacts()).open(path)


def test_hosts_take_nothing_from_a_pack_without_algorithms(tmp_path: Path) -> None:
    assert open_archive(tmp_path, device("D", IRAM)).hosts == ()
    assert open_archive(tmp_path, device("D", IRAM, USUAL)).hosts == PACK_HOSTS


class TestRam:
    def ram(self, pack: PackFile) -> RamMap | None:
        (member,) = pack.members
        return member.facts.ram

    def test_what_the_algorithm_says(self, tmp_path: Path) -> None:
        said = algorithm("Flash/a.FLM", RAMstart="0x20001000", RAMsize="0x2000")
        found = self.ram(open_archive(tmp_path, device("D", IRAM, said)))
        assert found == RamMap(
            (AddressRange(start=0x2000_1000, size_bytes=0x2000),), "<algorithm> in line 2 of Strict.pdsc"
        )

    def test_smallest_where_several_do(self, tmp_path: Path) -> None:
        many = [algorithm("Flash/a.FLM", RAMstart="0x20000000", RAMsize=size) for size in ("0x2000", "0x800", "0x4000")]
        found = self.ram(open_archive(tmp_path, *(device(f"D{n}", each) for n, each in enumerate(many))))
        assert found is not None
        assert found.ranges[0].size_bytes == 0x800

    def test_default_ram_of_the_devices(self, tmp_path: Path) -> None:
        small = SRAM.replace("0x8000", "0x1000")
        found = self.ram(open_archive(tmp_path, USUAL, device("D", SRAM), device("E", small)))
        assert found is not None
        assert (found.ranges[0].size_bytes, found.source) == (
            0x1000,
            "<algorithm> in line 2 of Strict.pdsc: the default RAM of Strict",
        )

    @pytest.mark.parametrize("attributes", [{"RAMstart": "0x20000000"}, {"RAMstart": "?", "RAMsize": "0x1000"}])
    def test_half_of_it_says_nothing(self, tmp_path: Path, attributes: dict[str, str]) -> None:
        assert self.ram(open_archive(tmp_path, device("D", IRAM, algorithm("Flash/a.FLM", **attributes)))) is None

    def test_user_wins(self, tmp_path: Path) -> None:
        facts = UserFacts(ram=RamMap((AddressRange(start=0, size_bytes=16),), "--ram"))
        assert self.ram(open_archive(tmp_path, device("D", IRAM, USUAL), facts=facts)) is facts.ram

    def test_rules_see_it(self, tmp_path: Path) -> None:
        """As in the STM32F7 pack, whose QSPI algorithms are larger than the RAM that it gives them."""
        said = algorithm("Flash/a.FLM", RAMstart="0x20010000", RAMsize="0x1000")
        (member,) = open_archive(tmp_path, device("D", said), Flash_a=build(FlmRecipe(rw=bytes(0x1280)))).members
        (found,) = [each for each in apply_rules(member, rules_for(member)).findings if each.rule == "FLM060"]
        assert (found.code, "<algorithm> in line 2 of Strict.pdsc" in found.message) == ("image-too-large", True)


@pytest.mark.parametrize("write", [archive, on_disk])
@pytest.mark.parametrize("exe", ["a.out", VARIABLE + r"\FlashIAR\a.out", r"$PROJ_DIR$\x\a.out"])
def test_iar_loader(tmp_path: Path, write: object, exe: str) -> None:
    files = {
        "FlashIAR/a.flash": flash_text(f"<exe>{exe}</exe>", PAGE, BLOCK, BASE, "<macro>a.mac</macro>"),
        "FlashIAR/a.out": build_iar(IarRecipe()),
        "FlashIAR/a.mac": b"f()\n{\n}\n",
    }
    pack = opened(write(tmp_path, pdsc(device("D", IAR)), files))  # type: ignore[operator]
    flash, program = pack.members
    assert isinstance(flash, FlashDescription)
    assert isinstance(program, IarProgram)
    assert flash.executable is program
    assert not program.parts
    assert flash.macros is not None
    assert flash.macros.data == b"f()\n{\n}\n"
    assert flash.pack == PackIdentity("Strict", "Examples_DFP", "2.1.0")


def test_packed_iar_loader_tells_that_packs_do_not_know_its_ram(tmp_path: Path) -> None:
    files = {
        "FlashIAR/a.flash": flash_text("<exe>a.out</exe>", PAGE, BLOCK, BASE),
        "FlashIAR/a.out": build_iar(IarRecipe()),
    }
    _, program = opened(archive(tmp_path, pdsc(device("D", IRAM, IAR)), files)).members
    reasons = {each.rule: each.reason for each in apply_rules(program, rules_for(program)).skipped}
    assert reasons["IAR012"].startswith("Packs do not say which of a chip's RAM")


def test_packed_iar_loader_tells_why_its_executable_is_none(tmp_path: Path) -> None:
    files = {"FlashIAR/a.flash": flash_text("<exe>a.out</exe>", PAGE, BLOCK, BASE), "FlashIAR/a.out": b""}
    (flash,) = opened(archive(tmp_path, pdsc(device("D", IAR)), files)).members
    (found,) = [each for each in apply_rules(flash, rules_for(flash)).findings if each.rule == "IAR030"]
    assert found.message.endswith("that can be read: the file is empty.")


@pytest.mark.parametrize(
    ("exe", "state"),
    [
        (r"..\FlashIAR\a.out", ReferenceState.RESOLVED),
        ("A.OUT", ReferenceState.RESOLVED),
        ("${CMSIS_PACK_PATH_Strict#Examples_DFP#1.0.0}$/FlashIAR/a.out", ReferenceState.BY_NAME),
        ("b.out", ReferenceState.MISSING),
        (r"$PROJ_DIR$\{DEPTH}\a.out", ReferenceState.MISSING),
        ("$PROJ_DIR$/b.out", ReferenceState.UNMAPPED),
        ("../../a.out", ReferenceState.OUTSIDE),
        ("C:/a.out", ReferenceState.OUTSIDE),
    ],
)
def test_names_in_an_archive(tmp_path: Path, exe: str, state: ReferenceState) -> None:
    files = {"FlashIAR/a.flash": flash_text(f"<exe>{exe}</exe>", PAGE, BLOCK, BASE), "FlashIAR/a.out": FLM}
    flash = opened(archive(tmp_path, pdsc(device("D", IAR)), files)).members[0]
    assert isinstance(flash, FlashDescription)
    assert flash.resolve(exe).state is state


def test_packed_iar_loader_of_another_version(tmp_path: Path) -> None:
    """As in HDSC.HC32M120.1.0.6, whose loader is looked for in version 1.0.0."""
    exe = "${CMSIS_PACK_PATH_Strict#Examples_DFP#1.0.0}$/FlashIAR/a.out"
    files = {"FlashIAR/a.flash": flash_text(f"<exe>{exe}</exe>", PAGE, BLOCK, BASE)}
    (flash,) = opened(archive(tmp_path, pdsc(device("D", IAR)), files)).members
    assert "IAR032" in {each.rule for each in apply_rules(flash, rules_for(flash)).findings}


class TestEnclosingPack:
    def test_up_to_three_folders_above(self, tmp_path: Path) -> None:
        (tmp_path / "a.pdsc").write_bytes(pdsc())
        assert str(pack_around(tmp_path / "1/2/3/a.flash")) == "Strict.Examples_DFP.2.1.0"
        assert pack_around(tmp_path / "1/2/3/4/a.flash") is None

    @pytest.mark.parametrize("files", [{"a.pdsc": b"?"}, {"a.pdsc": pdsc(), "b.pdsc": pdsc()}], ids=["damaged", "two"])
    def test_unclear(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        assert pack_around(tmp_path / "a.flash") is None


def test_place_stays_where_lines_move(tmp_path: Path) -> None:
    """Fingerprints are made of it."""
    first, second = (open_archive(tmp_path, device("D", lines, USUAL)).algorithms[0].place for lines in ("", "\n\n"))
    assert (first.name, first.line, second.line) == (second.name, 2, 4)


def test_findings_can_be_sent_between_processes(tmp_path: Path) -> None:
    algorithm_ = open_archive(tmp_path, device("D", algorithm("b.FLM"))).algorithms[0]
    findings = apply_rules(algorithm_, rules_for(algorithm_)).findings
    assert pickle.loads(pickle.dumps(findings)) == findings  # noqa: S301 - our own bytes
    assert [each.rule for each in findings] == ["FLM063"]
