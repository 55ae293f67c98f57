"""What people read of inspected files: compared with committed texts at the width of a small terminal."""

from pathlib import Path, PurePath

import pytest

from loaderconv.inspection.inspect import inspect_file, inspect_loader
from loaderconv.report.inspection import inspect_report
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.bundle import FileRole, Reference, ReferenceState
from loaderconv_schemas.device import DeviceKind, SectorRun
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.iar import IarSettings, IgnoredRange
from loaderconv_schemas.inspection import InspectedFile, InspectedPass, InspectReport
from loaderconv_schemas.loader import Flavour, Loader, Notice
from loaderconv_schemas.memory import Part
from support.inspecting import BOARD, FLM, IAR, STLDR
from support.loader_models import DEVICE, addresses, entry, loader, segment
from support.rendering import rendered, without_blanks

GOLDEN = Path(__file__).parent / "golden"
"""After a change that is meant: print what `rendered` returns into these files, and read them."""

LONG = "a folder with a name " * 6 + "[bold]and brackets[/]"


def report_of(*files: InspectedFile, skipped: int = 0) -> InspectReport:
    return InspectReport(files=files, skipped=skipped)


def inspected(path: Path) -> InspectedFile:
    """Return what a file is, with names instead of paths, which differ from machine to machine."""
    file = inspect_file(path, SearchPaths(toolkit_dir=IAR))
    references = [
        each.model_copy(update={"path": None if each.path is None else PurePath(each.path).name})
        for each in file.references
    ]
    return file.model_copy(update={"path": path.name, "references": tuple(references)})


def made(*loaders: Loader | None, **others: object) -> InspectedFile:
    passes = [InspectedPass(loader=None if each is None else inspect_loader(each)) for each in loaders]
    usual = {"path": "made", "kind": FileKind.IAR_BOARD, "size_bytes": 1, "sha256": "0" * 64, "passes": tuple(passes)}
    return InspectedFile.model_validate({**usual, **others})


def text_of(file: InspectedFile, width: int = 200) -> str:
    return rendered(inspect_report(report_of(file)), width=width)


@pytest.mark.parametrize("path", [FLM, STLDR, BOARD], ids=lambda path: path.suffix)
@pytest.mark.parametrize(("encoding", "suffix"), [("utf-8", ".txt"), ("cp1252", ".ascii.txt")])
def test_text_is_the_committed_one(path: Path, encoding: str, suffix: str) -> None:
    golden = (GOLDEN / f"{path.stem}{suffix}").read_text("utf-8")
    assert rendered(inspect_report(report_of(inspected(path))), encoding=encoding) == golden


@pytest.mark.parametrize("name", ["strict_flm", "strict_stldr", "strict_iar"])
def test_ascii_where_the_encoding_has_no_more(name: str) -> None:
    assert (GOLDEN / f"{name}.ascii.txt").read_text("utf-8").isascii()


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_width_loses_a_fact(width: int) -> None:
    reference = Reference(
        role=FileRole.MACRO, named_in="x", spelled=f"{LONG}.mac", state=ReferenceState.OUTSIDE, note=f"{LONG}."
    )
    notice = Notice(code="odd", message=f"{LONG} is odd.")
    odd = loader(
        Flavour.FLM,
        segment(Part.CODE, 0x1000, 0x100),
        device=DEVICE.model_copy(update={"name": LONG}),
        entries=[entry(Routine.INIT, LONG.replace(" ", "_"), 0x1000)],
        notices=(notice,),
    )
    file = made(odd, path=f"{LONG}.FLM", references=(reference,), notices=(notice,))
    printed = text_of(file, width)
    text = without_blanks(printed)
    for fact in (file.path, file.sha256, reference.spelled, reference.note, reference.state, notice.message, LONG):
        assert without_blanks(str(fact)) in text
    assert text.count(without_blanks(notice.message)) == 2
    assert without_blanks(LONG.replace(" ", "_")) in text
    assert max(map(len, printed.splitlines())) <= width


class TestPasses:
    def test_a_loader_that_serves_two_passes_is_shown_once(self) -> None:
        one = loader(Flavour.IAR, segment(Part.CODE, 0, 16))
        text = text_of(made(one, None, one))
        assert text.count("Device") == 1
        assert [line for line in text.splitlines() if line.startswith("Pass")] == [
            "Pass 1 of 3: W25Q64",
            "Pass 2 of 3",
            "Pass 3 of 3: W25Q64",
        ]
        assert "as in pass 1" in text.partition("Pass 3")[2]
        assert "could not be read" in text.partition("Pass 2")[2].partition("Pass 3")[0]

    def test_facts_of_a_pass(self) -> None:
        ignored = (IgnoredRange(kind="CODE", range=addresses(0x10, 0x20)),)
        only = InspectedPass(
            loader=None,
            range=addresses(0x100, 0x200),
            address_delta=0x7000_0000,
            absolute_start=0x42,
            args=("--one", "--two"),
            loader_offset=0x2000_0000,
            ignored=ignored,
        )
        text = text_of(made(passes=(only,), ignored=(IgnoredRange(kind="DATA_Z", range=addresses(0, 4)),)))
        for fact in (
            "Range      0x00000100..0x000001ff",
            "0x70000000 is added",
            "goes to 0x00000042",
            "Arguments  --one",
            "--two",
            "Loader at  0x20000000",
            "Left alone  CODE 0x00000010..0x0000001f",
            "DATA_Z 0x00000000..0x00000003",
        ):
            assert " ".join(fact.split()) in " ".join(text.split())


class TestReferences:
    @pytest.mark.parametrize("state", ReferenceState)
    def test_every_state_is_told(self, state: ReferenceState) -> None:
        path = "/found/here.out" if state in (ReferenceState.RESOLVED, ReferenceState.BY_NAME) else None
        reference = Reference(role=FileRole.EXECUTABLE, named_in="x", spelled="$A$\\b.out", state=state, path=path)
        lines = [line.strip() for line in text_of(made(None, references=(reference,))).splitlines()]
        at = lines.index("executable: $A$\\b.out")
        assert lines[at + 1] == (str(state) if path is None else f"{state}: {path}")

    def test_path_in_a_note_is_not_told_twice(self) -> None:
        reference = Reference(
            role=FileRole.FLASH,
            named_in="x",
            spelled="b.flash",
            state=ReferenceState.BY_NAME,
            path="/c/b.flash",
            note="It was found at /c/b.flash; look twice.",
        )
        assert text_of(made(None, references=(reference, reference))).count("/c/b.flash") == 1


class TestOddLoaders:
    def test_macros(self) -> None:
        settings = IarSettings(executable="MACRO", macro="x.mac", aggregate=True, online=True, arguments=("-a", "-b"))
        text = text_of(made(loader(Flavour.IAR, device=None, iar_settings=settings)))
        assert "Memory" not in text
        assert "Entry points" not in text
        for fact in ("MACRO", "x.mac", "share a transfer", "flash breakpoints", "-a", "-b"):
            assert fact in text

    def test_numbers_that_contradict_each_other(self) -> None:
        device = DEVICE.model_copy(
            update={"kind": DeviceKind.UNKNOWN, "type_code": 77, "base_address": 0xFFFF_0000, "size_bytes": 0x2_0000}
        )
        text = text_of(made(loader(Flavour.FLM, segment(Part.CODE, 0, 16), device=device)))
        assert "unknown (number 77)" in text
        assert "from 0xffff0000 (128 KiB), beyond the 32-bit address space" in text

    @pytest.mark.parametrize("runs", [(), (SectorRun(offset_bytes=0, sector_size_bytes=0, count=0),)], ids=len)
    def test_no_sectors(self, runs: tuple[SectorRun, ...]) -> None:
        device = DEVICE.model_copy(update={"sectors": runs})
        (line,) = (
            line
            for line in text_of(made(loader(Flavour.FLM, segment(Part.CODE, 0, 16), device=device))).splitlines()
            if "Sectors" in line
        )
        assert line.split(None, 1)[1] in ("none", "0 x 0 bytes from 0x90000000")

    def test_arm_code_is_marked(self) -> None:
        arm = entry(Routine.INIT, "Init", 0, thumb=False)
        assert "Init (Arm code)" in text_of(made(loader(Flavour.FLM, segment(Part.CODE, 0, 16), entries=[arm])))


class TestSeveralFiles:
    def test_count(self) -> None:
        file = made(None)
        assert rendered(inspect_report(report_of(file, file))).splitlines()[-1] == "2 files"
        assert rendered(inspect_report(report_of(file, skipped=3))).splitlines()[-1] == "1 file; 3 skipped, no loaders"
        assert "1 file" not in rendered(inspect_report(report_of(file)))

    def test_two_empty_lines_between_files(self) -> None:
        lines = rendered(inspect_report(report_of(made(None), made(None, path="second")))).splitlines()
        at = lines.index("second: an IAR board description (.board)")
        assert lines[at - 2 : at] == ["", ""]
        assert lines[at - 3]


def test_colours_tell_what_needs_attention() -> None:
    missing = Reference(role=FileRole.FLASH, named_in="x", spelled="b.flash", state=ReferenceState.MISSING)
    coloured = rendered(inspect_report(report_of(made(None, references=(missing,)))), colour=True)
    assert "\x1b[33mmissing" in coloured


def test_a_terminal_obeys_nothing_that_stands_in_a_file(tmp_path: Path) -> None:
    """iso-8859-1 has control characters above 0x80, of which XML allows all."""
    path = tmp_path / "evil.flash"
    path.write_bytes(
        b'<?xml version="1.0" encoding="iso-8859-1"?><flash_device><exe>a\x9b31m.out</exe><flash_base>0x0</flash_base>'
        b"<page>4</page><block>1 0x1000</block><macro>\x9b2J.mac</macro><args>\x9b[bold]x[/bold]</args></flash_device>"
    )
    text = rendered(inspect_report(report_of(inspect_file(path, SearchPaths()))))
    assert "\x9b" not in text
    for shown in (r"a\x9b31m.out", r"\x9b2J.mac", r"\x9b[bold]x[/bold]"):
        assert shown in text
