"""What must work: reports, odd names of files and symbols, sources that only look wrong."""

import json
import os
import sys
from pathlib import Path

import pytest

from loaderconv_formats.loader_file import parse_loader
from support.arm_attributes import aeabi
from support.command import COMMAND, invoke, run, snapshot
from support.desk import FIXTURE, UNREADABLE, Desk, desk_with, on_posix
from support.elf_numbers import STT_FUNC
from support.flm_builder import build
from support.flm_recipe import ExtraSymbol, FlmRecipe, gcc_shaped


class TestSuccess:
    """Exit code 0, where one might fear otherwise."""

    def test_runs_that_merge(self, tmp_path: Path) -> None:
        runs = (*((0x800, 0x800 * number) for number in range(11)), (0x800, 0x5800))
        desk = desk_with(tmp_path, build(FlmRecipe(runs=tuple(runs))))
        assert desk.convert().exit_code == 0
        (run_,) = parse_loader(desk.output.read_bytes(), "out").loader.device.sectors
        assert (run_.sector_size_bytes, run_.count) == (0x800, 32)

    def test_exactly_ten_runs(self, tmp_path: Path) -> None:
        runs = tuple((0x800 << number % 2, 0x1000 * number) for number in range(10))
        desk = desk_with(tmp_path, build(FlmRecipe(runs=runs, size_bytes=0xA000)))
        assert desk.convert().exit_code == 0
        assert len(parse_loader(desk.output.read_bytes(), "out").loader.device.sectors) == 10

    def test_force_replaces(self, desk: Desk) -> None:
        desk.output.write_bytes(b"old")
        outcome = run(COMMAND, desk.source, desk.output, "--force")
        assert (outcome.exit_code, outcome.stderr) == (0, "")
        assert parse_loader(desk.output.read_bytes(), "out").loader.device.name == "out"
        assert snapshot(desk.folder).keys() == {"in.FLM", "out.stldr"}
        assert desk.source.read_bytes() == FIXTURE

    def test_force_without_an_old_file(self, desk: Desk) -> None:
        assert desk.convert("--force").exit_code == 0
        assert desk.output.is_file()

    def test_same_bytes_whatever_the_place(self, tmp_path: Path) -> None:
        written = []
        for folder in (tmp_path / "one", tmp_path / "another place"):
            folder.mkdir()
            desk = Desk(folder, name=f"{folder.name}.FLM")
            assert desk.convert().exit_code == 0
            written.append(desk.output.read_bytes())
        assert written[0] == written[1]

    @on_posix
    def test_permissions_are_those_of_a_new_file(self, desk: Desk) -> None:
        assert desk.convert().exit_code == 0
        desk.source.with_name("new").touch()
        assert desk.output.stat().st_mode == desk.source.with_name("new").stat().st_mode

    def test_input_that_nobody_may_write(self, desk: Desk) -> None:
        desk.source.chmod(0o400)
        assert desk.convert().exit_code == 0
        assert desk.source.read_bytes() == FIXTURE

    @pytest.mark.parametrize("option", [[], ["--format", "json"]], ids=["text", "json"])
    def test_dry_run_writes_nothing(self, desk: Desk, option: list[str]) -> None:
        before = snapshot(desk.folder)
        outcome = desk.convert("--dry-run", *option)
        assert outcome.exit_code == 0
        assert outcome.stdout
        assert snapshot(desk.folder) == before

    def test_json_alone_on_standard_output(self, desk: Desk) -> None:
        outcome = run(COMMAND, desk.source, desk.output, "--format", "json")
        report = json.loads(outcome.stdout)
        assert outcome.exit_code == 0
        assert report["version"] == 1
        (written,) = report["outputs"]
        assert written["path"] == str(desk.output)
        assert written["size_bytes"] == desk.output.stat().st_size
        assert report["verified"] == "structure"
        assert all(line.startswith("warning: ") for line in outcome.stderr.splitlines())

    @pytest.mark.parametrize("colours", [{"NO_COLOR": "1"}, {"FORCE_COLOR": "1", "TERM": "xterm"}])
    def test_json_has_no_colours(self, desk: Desk, colours: dict[str, str]) -> None:
        outcome = run(COMMAND, desk.source, desk.output, "--dry-run", "--format", "json", env=colours)
        assert "\x1b" not in outcome.stdout
        assert json.loads(outcome.stdout)["plan"]["target"] == "stldr"

    def test_text_has_no_colours_in_a_file(self, desk: Desk) -> None:
        outcome = run(COMMAND, desk.source, desk.output, "--dry-run", env={"NO_COLOR": "1"})
        assert "\x1b" not in outcome.stdout + outcome.stderr
        assert "Dry run" in outcome.stdout


class TestNames:
    """File and symbol names are data: never markup, never cut, never in the way."""

    NAMES = (
        "[red]in [bold].FLM",
        "[x].FLM",
        "[].FLM",
        "a b  c.FLM",
        "100%.FLM",
        "日本.FLM",
        *(() if os.name == "nt" else (":smile:.FLM", 'it\'s "q".FLM', "\\[red].FLM")),
    )

    @pytest.mark.parametrize("name", NAMES)
    def test_unharmed_in_text(self, tmp_path: Path, name: str) -> None:
        desk = Desk(tmp_path, name=name)
        outcome = invoke(COMMAND, desk.source, desk.output, env={"COLUMNS": "400"})
        assert outcome.exit_code == 0
        assert f"{name} (FLM" in outcome.stdout

    @pytest.mark.parametrize("name", NAMES)
    def test_unharmed_in_json(self, tmp_path: Path, name: str) -> None:
        outcome = Desk(tmp_path, name=name).convert("--format", "json")
        assert json.loads(outcome.stdout)["plan"]["source_file"] == name

    @pytest.mark.parametrize("name", NAMES)
    def test_unharmed_in_errors(self, tmp_path: Path, name: str) -> None:
        desk = Desk(tmp_path, name=name, contents=b"")
        assert str(desk.source) in desk.fails(UNREADABLE)

    def test_output_with_brackets(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, output_name="[bold] out [x].stldr")
        outcome = run(COMMAND, desk.source, desk.output, env={"COLUMNS": "400"})
        assert outcome.exit_code == 0
        assert str(desk.output) in outcome.stdout
        assert parse_loader(desk.output.read_bytes(), "out").loader.device.name == "[bold] out [x]"

    def test_long_path_in_an_error_is_not_wrapped(self, tmp_path: Path) -> None:
        folder = tmp_path / ("deep folder " * 10).strip()
        folder.mkdir()
        desk = Desk(folder, contents=b"")
        assert str(desk.source) in desk.fails_as_process(UNREADABLE)

    def test_name_that_looks_like_an_option(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(desk.folder)
        desk.source.rename("--force")
        outcome = invoke(COMMAND, "--", "--force", "--ram")
        assert outcome.exit_code == 0
        assert (desk.folder / "--ram").is_file()

    @on_posix
    def test_line_break_in_a_file_name_stays_in_its_line(self, tmp_path: Path) -> None:
        Desk(tmp_path, name="two\nlines.FLM", contents=b"").fails(UNREADABLE)

    @on_posix
    def test_escape_sequence_in_a_file_name_does_not_reach_the_terminal(self, tmp_path: Path) -> None:
        assert "\x1b" not in Desk(tmp_path, name="\x1b]0;title\x07.FLM", contents=b"").fails(UNREADABLE)

    def test_escape_sequence_in_a_device_name_does_not_reach_the_terminal(self, tmp_path: Path) -> None:
        outcome = desk_with(tmp_path, build(FlmRecipe(device_name=b"\x1b]0;title\x07\x1b[2J"))).convert()
        assert outcome.exit_code == 0
        assert "\x1b" not in outcome.stdout + outcome.stderr

    @pytest.mark.skipif(sys.platform != "linux", reason="other systems want file names in Unicode")
    @pytest.mark.parametrize("option", [[], ["--format", "json"]], ids=["text", "json"])
    @pytest.mark.parametrize("is_output", [False, True], ids=["input", "output"])
    def test_file_name_that_is_not_unicode(self, desk: Desk, option: list[str], is_output: bool) -> None:
        """What an archive from another system leaves on a Linux disk."""
        odd = os.fsencode(desk.folder) + b"/gr\xf6\xdfe"
        arguments: list[bytes | Path] = [desk.source, odd + b".stldr"] if is_output else [odd + b".FLM", desk.output]
        if not is_output:
            Path(os.fsdecode(odd + b".FLM")).write_bytes(FIXTURE)
        outcome = run(COMMAND, *arguments, "--name", "plain", *option)
        assert outcome.exit_code == 0, outcome.stderr
        assert "Traceback" not in outcome.stderr
        if option:
            assert json.loads(outcome.stdout)["version"] == 1

    @pytest.mark.parametrize("option", [[], ["--format", "json"]], ids=["text", "json"])
    def test_report_into_a_file_of_a_western_windows(self, tmp_path: Path, option: list[str]) -> None:
        """Standard output has the system's code page there, in which the file's name cannot be written."""
        desk = Desk(tmp_path, name="日本.FLM")
        outcome = run(COMMAND, desk.source, desk.output, *option, env={"PYTHONIOENCODING": "cp1252"})
        assert outcome.exit_code == 0, outcome.stderr
        assert desk.output.is_file()

    @pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
    def test_json_is_json_in_every_code_page(self, tmp_path: Path, encoding: str) -> None:
        desk = Desk(tmp_path, name="é😀日.FLM")
        environment = {"PYTHONIOENCODING": encoding}
        outcome = run(COMMAND, desk.source, desk.output, "--dry-run", "--format", "json", env=environment)
        assert json.loads(outcome.stdout)["plan"]["source_file"] == "é😀日.FLM"

    @pytest.mark.parametrize(
        "name", [b"gr\xf6\xdfe", "größe".encode(), b"a b", b"[red]", b"\x01", b"N" * 3000], ids=ascii
    )
    def test_symbol_names(self, tmp_path: Path, name: bytes) -> None:
        """Keil writes symbols in the code page of the machine on which it ran."""
        place = "x" * len(name)
        symbol = ExtraSymbol(place, value=1, size_bytes=4, kind=STT_FUNC, section="PrgCode")
        contents = build(FlmRecipe(extra_symbols=(symbol,))).replace(place.encode(), name)
        outcome = desk_with(tmp_path, contents).convert()
        assert outcome.exit_code == 0, outcome.stderr


class TestSources:
    """Loaders that are odd, but convertible."""

    @pytest.mark.parametrize(
        "recipe",
        [
            pytest.param(FlmRecipe(build_attributes=""), id="CPU in .comment alone"),
            pytest.param(FlmRecipe(build_attributes="", comment=b""), id="stripped"),
            pytest.param(FlmRecipe(comment=b""), id="no .comment"),
            pytest.param(FlmRecipe(flags=0x0300_0000), id="EABI 3"),
            pytest.param(FlmRecipe(flags=0x0500_0400), id="hard float"),
            pytest.param(FlmRecipe(flags=0x0500_0600), id="both float flags"),
            pytest.param(FlmRecipe(code_address=0x1000), id="PrgCode at 0x1000"),
            pytest.param(FlmRecipe(code_address=0xFFFF_E000), id="PrgCode at the top"),
            pytest.param(FlmRecipe(data_gap_bytes=4), id="gap"),
            pytest.param(FlmRecipe(rw=b"", zi_size_bytes=0), id="no data"),
            pytest.param(FlmRecipe(rw=b"odd", zi_size_bytes=7), id="data of odd size"),
            pytest.param(FlmRecipe(descriptor_section="PrgCode"), id="descriptor in PrgCode"),
            pytest.param(
                FlmRecipe(page_size_bytes=0x300, runs=((0x300 * 8, 0),), size_bytes=0x300 * 80), id="odd pages"
            ),
            pytest.param(FlmRecipe(page_size_bytes=1), id="pages of one byte"),
            pytest.param(FlmRecipe(base_address=0x3000_0000, size_bytes=0xCFFF_F000), id="most of the address space"),
            pytest.param(FlmRecipe(base_address=0xFFFF_0000), id="device at the top"),
            pytest.param(FlmRecipe(device_type=0xFFFF), id="unknown device type"),
            pytest.param(gcc_shaped(aeabi({6: 12, 14: 1, 15: 2, 16: 1}, b"\xe9")), id="CPU name not ASCII"),
            pytest.param(gcc_shaped(aeabi({6: 12, 14: 1, 15: 2, 16: 1}, b"cortex-m0")), id="GCC"),
        ],
    )
    def test_odd_source_converts(self, tmp_path: Path, recipe: FlmRecipe) -> None:
        desk = desk_with(tmp_path, build(recipe))
        outcome = desk.convert()
        assert outcome.exit_code == 0, outcome.stderr
        device = parse_loader(desk.output.read_bytes(), "out").loader.device
        assert (device.base_address, device.size_bytes) == (recipe.base_address, recipe.size_bytes)
        assert outcome.stderr == ""

    def test_symbol_of_a_type_that_no_specification_names(self, tmp_path: Path) -> None:
        """The second reader grumbles about it; a user must not see that."""
        symbol = ExtraSymbol("odd", value=1, size_bytes=4, kind=9, section="PrgCode")
        desk = desk_with(tmp_path, build(FlmRecipe(extra_symbols=(symbol,))))
        outcome = run(COMMAND, desk.source, desk.output)
        assert (outcome.exit_code, outcome.stderr) == (0, "")
