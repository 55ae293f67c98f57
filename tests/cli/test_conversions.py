"""The six conversions as commands: their files, how these refer to each other, and that they are always the same."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from defusedxml.ElementTree import parse

import loaderconv
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.errors import ExitCode
from support.command import assert_failure, invoke, run, snapshot
from support.conversions import BOARD, CONVERSIONS, FLM, ONE_PASS, RAM, STLDR, converted, plan_of, report_of
from support.inspecting import as_json
from support.paths import FIXTURES


@pytest.mark.parametrize("command", CONVERSIONS)
class TestEveryCommand:
    def test_the_files_are_there_and_read_back_as_the_source_s_memory(self, command: str, tmp_path: Path) -> None:
        output, outcome = converted(command, tmp_path)
        assert (outcome.exit_code, outcome.stderr) == (0, "")
        assert {path.name for path in tmp_path.iterdir()} == CONVERSIONS[command].names("out")
        (loader,) = loaderconv.read(output).loaders
        (source,) = loaderconv.read(CONVERSIONS[command].source).loaders
        assert loader.flavour is CONVERSIONS[command].target
        assert loader.described_device.range == source.described_device.range
        assert loader.described_device.sectors == source.described_device.sectors

    def test_the_report_lists_the_files_and_the_named_one_first(self, command: str, tmp_path: Path) -> None:
        output, outcome = converted(command, tmp_path, "--format", "json")
        report = report_of(outcome)
        assert report["outputs"][0]["path"] == str(output)
        assert {Path(each["path"]).name for each in report["outputs"]} == CONVERSIONS[command].names("out")
        for each in report["outputs"]:
            data = Path(each["path"]).read_bytes()
            assert (each["size_bytes"], each["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert report["verified"] == "structure"
        assert report["plan"]["source_sha256"] == hashlib.sha256(CONVERSIONS[command].source.read_bytes()).hexdigest()

    def test_the_same_bytes_whatever_the_place_and_the_hash_seed(self, command: str, tmp_path: Path) -> None:
        found = []
        for number, seed in enumerate(("1", "2")):
            folder = tmp_path / f"place {number}"
            folder.mkdir()
            conversion = CONVERSIONS[command]
            arguments = [command, conversion.source.resolve(), f"out{conversion.suffix}", *RAM]
            assert run(*arguments, cwd=folder, env={"PYTHONHASHSEED": seed}).exit_code == 0
            found.append(snapshot(folder))
        output, _ = converted(command, tmp_path)
        assert found[0] == found[1]
        assert output.read_bytes() == found[0][output.name]

    def test_dry_run_writes_nothing(self, command: str, tmp_path: Path) -> None:
        _, outcome = converted(command, tmp_path, "--dry-run")
        assert (outcome.exit_code, outcome.stderr) == (0, "")
        assert "Dry run" in outcome.stdout
        assert list(tmp_path.iterdir()) == []

    def test_no_file_is_replaced_unless_asked(self, command: str, tmp_path: Path) -> None:
        for name in CONVERSIONS[command].names("out"):
            (tmp_path / name).write_bytes(b"precious")
            _, refused = converted(command, tmp_path)
            assert_failure(refused, ExitCode.USAGE)
            assert name in refused.stderr
            assert snapshot(tmp_path) == {name: b"precious"}
            assert converted(command, tmp_path, "--force")[1].exit_code == 0
            assert (tmp_path / name).read_bytes() != b"precious"
            for path in tmp_path.iterdir():
                path.unlink()


INPUTS = {"flm": FLM, "stldr": STLDR, "iar": ONE_PASS}
MISFITS = [(command, kind) for command in CONVERSIONS for kind in INPUTS if not command.startswith(kind)]


@pytest.mark.parametrize(("command", "kind"), MISFITS)
def test_other_inputs_are_refused_with_the_command_that_fits(command: str, kind: str, tmp_path: Path) -> None:
    outcome = invoke(command, INPUTS[kind], tmp_path / f"out{CONVERSIONS[command].suffix}", *RAM)
    assert_failure(outcome, ExitCode.REFUSED)
    fitting = f"{kind}-to-{command.rpartition('-')[2]}"
    assert (fitting if fitting in CONVERSIONS else "loaderconv rewrite") in outcome.stderr
    assert list(tmp_path.iterdir()) == []


class TestAlgorithmElement:
    def test_it_says_what_the_plan_says(self, tmp_path: Path) -> None:
        output, outcome = converted("stldr-to-flm", tmp_path, "--format", "json")
        plan = report_of(outcome)["plan"]
        element = parse(tmp_path / "out.pdsc.xml").getroot()
        assert element.tag == "algorithm"
        assert element.attrib == {
            "name": output.name,
            "start": "0x90000000",
            "size": "0x10000",
            "RAMstart": f"0x{plan['ram']['start']:08x}",
            "RAMsize": f"0x{plan['ram']['size_bytes']:x}",
            "default": "1",
            "style": "Keil",
        }

    def test_a_comment_says_where_it_belongs(self, tmp_path: Path) -> None:
        converted("stldr-to-flm", tmp_path)
        lines = (tmp_path / "out.pdsc.xml").read_text("utf-8").splitlines()
        assert lines[1].startswith("<!--")
        assert ".pdsc" in lines[1]
        assert "<device>" in lines[1]

    def test_a_name_that_xml_would_take_for_markup(self, tmp_path: Path) -> None:
        name = "a & b's.FLM" if os.name == "nt" else '<a & "b">.FLM'
        assert invoke("stldr-to-flm", STLDR, tmp_path / name).exit_code == 0
        assert parse(tmp_path / f"{name[:-4]}.pdsc.xml").getroot().get("name") == name


class TestIarFiles:
    def test_they_name_each_other_beside_each_other(self, tmp_path: Path) -> None:
        output, _ = converted("stldr-to-iar", tmp_path)
        assert b"<loader>$PROJ_DIR$\\out.flash</loader>" in output.read_bytes()
        assert b"<exe>$PROJ_DIR$\\out.out</exe>" in (tmp_path / "out.flash").read_bytes()
        code, document = as_json(output)
        assert code == 0
        (file,) = document["files"]
        (only,) = file["passes"]
        assert only["range"] == {"start": 0x9000_0000, "size_bytes": 0x1_0000}
        assert only["loader"]["device"]["base_address"] == 0x9000_0000
        assert only["loader"]["iar_settings"]["aggregate"] is True
        assert [Path(each["path"]).name for each in file["references"]] == ["out.flash", "out.out"]

    def test_they_name_each_other_by_the_toolkit_where_they_lie_in_it(self, tmp_path: Path) -> None:
        folder = tmp_path / "arm" / "config" / "x"
        folder.mkdir(parents=True)
        output, _ = converted("flm-to-iar", folder, "--toolkit-dir", tmp_path / "arm")
        assert b"<loader>$TOOLKIT_DIR$\\config\\x\\out.flash</loader>" in output.read_bytes()
        assert b"<exe>$TOOLKIT_DIR$\\config\\x\\out.out</exe>" in (folder / "out.flash").read_bytes()
        code, document = as_json(output, "--toolkit-dir", tmp_path / "arm")
        assert code == 0
        assert {each["state"] for each in document["files"][0]["references"]} == {"resolved"}

    def test_a_toolkit_elsewhere_is_not_named(self, tmp_path: Path) -> None:
        (tmp_path / "arm").mkdir()
        output, _ = converted("flm-to-iar", tmp_path, "--toolkit-dir", tmp_path / "arm")
        assert b"<loader>$PROJ_DIR$\\out.flash</loader>" in output.read_bytes()

    @pytest.mark.parametrize("suffix", [".out", ".flash", ".board", ".FLASH", ".elf"])
    def test_whichever_file_is_named_all_three_are_written(self, suffix: str, tmp_path: Path) -> None:
        output = tmp_path / f"out{suffix}"
        report = report_of(invoke("flm-to-iar", FLM, output, "--format", "json"))
        assert report["outputs"][0]["path"] == str(output)
        assert len({path.stem for path in tmp_path.iterdir()}) == 1
        assert len(list(tmp_path.iterdir())) == 3
        assert loaderconv.read(output).loaders[0].described_device.base_address == 0x9000_0000

    def test_a_name_that_no_iar_file_can_hold(self, tmp_path: Path) -> None:
        outcome = invoke("flm-to-iar", FLM, tmp_path / "con.board")
        assert_failure(outcome, ExitCode.USAGE)
        assert list(tmp_path.iterdir()) == []


class TestOptions:
    def test_name(self, tmp_path: Path) -> None:
        assert plan_of("stldr-to-flm", STLDR, tmp_path / "x.FLM", "--name", "chosen")["device"]["name"] == "chosen"
        assert plan_of("stldr-to-flm", STLDR, tmp_path / "x.FLM")["device"]["name"] == "strict_stldr"
        assert plan_of("iar-to-stldr", ONE_PASS, tmp_path / "x.stldr", *RAM)["device"]["name"] == "x"

    def test_geometry_and_page_make_a_dynamic_loader_convertible(self, tmp_path: Path) -> None:
        source = ONE_PASS.with_name("strict_iar_dynamic.flash")
        refused = invoke("iar-to-flm", source, tmp_path / "x.FLM", *RAM)
        assert_failure(refused, ExitCode.REFUSED)
        assert "--geometry" in refused.stderr
        given = ("--geometry", "4x4K, 3x16K", "--page", "256")
        device = plan_of("iar-to-flm", source, tmp_path / "x.FLM", *RAM, *given)["device"]
        assert [(run["count"], run["sector_size_bytes"]) for run in device["sectors"]] == [(4, 0x1000), (3, 0x4000)]
        assert device["page_size_bytes"] == 256

    def test_timeouts(self, tmp_path: Path) -> None:
        given = ("--program-timeout", "77", "--erase-timeout", "8800")
        device = plan_of("stldr-to-flm", STLDR, tmp_path / "x.FLM", *given)["device"]
        assert (device["program_timeout_ms"], device["erase_timeout_ms"]) == (77, 8800)

    def test_relocate_moves_code_whose_linker_kept_relocations(self, tmp_path: Path) -> None:
        moved = plan_of(
            "stldr-to-flm", FIXTURES / "strict_stldr_emit_relocs.elf", tmp_path / "x.FLM", "--relocate", "0x20004000"
        )
        installed = [each["range"]["start"] for each in moved["memory_map"] if each["kind"] == "installed"]
        assert min(installed) == 0x2000_4000
        assert_failure(invoke("stldr-to-flm", STLDR, tmp_path / "x.FLM", "--relocate", "0x20004000"), ExitCode.REFUSED)

    def test_no_read_and_init_once(self, tmp_path: Path) -> None:
        plan = plan_of("iar-to-flm", ONE_PASS, tmp_path / "x.FLM", "--no-read", "--init-once")
        assert {"Verify", "BlankCheck"}.isdisjoint(each["symbol"] for each in plan["entry_points"])
        assert not any("--init-once" in each for each in plan["requirements"])

    def test_chip_gives_the_ram_and_ram_wins(self, tmp_path: Path) -> None:
        by_chip = plan_of("flm-to-stldr", FLM, tmp_path / "x.stldr", "--chip", "STM32H743")
        assert by_chip["ram"]["start"] == 0x2400_0000
        both = plan_of("flm-to-stldr", FLM, tmp_path / "x.stldr", "--chip", "STM32H743", *RAM)
        assert both["ram"] == {"start": 0x2000_0000, "size_bytes": 0x1_0000}

    @pytest.mark.parametrize("command", CONVERSIONS)
    def test_chip_list_needs_neither_input_nor_output(self, command: str) -> None:
        outcome = invoke(command, "--chip", "list")
        assert (outcome.exit_code, outcome.stderr) == (0, "")
        assert "stm32h743xx" in outcome.stdout

    def test_simulation_runs_the_result(self, tmp_path: Path) -> None:
        output, outcome = converted("flm-to-stldr", tmp_path, "--verify", "simulation", "--format", "json")
        report = report_of(outcome)
        assert report["verified"] == "simulation"
        assert any("STM32CubeProgrammer" in check for check in report["checks"])
        assert read_loader_file(output).loader.described_device.name == "out"

    def test_simulation_without_the_emulator(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "unicorn", None)
        _, outcome = converted("flm-to-stldr", tmp_path, "--verify", "simulation")
        assert_failure(outcome, ExitCode.USAGE)
        assert "emulator" in outcome.stderr
        assert list(tmp_path.iterdir()) == []

    def test_json_of_a_refused_dry_run_stays_an_error(self, tmp_path: Path) -> None:
        options = ("--dry-run", "--format", "json", "--ram", "0x20000000:1K")
        assert_failure(invoke("flm-to-iar", FLM, tmp_path / "x.out", *options), ExitCode.REFUSED)

    def test_text_fits_a_small_terminal_without_colour(self, tmp_path: Path) -> None:
        environment = {"COLUMNS": "80", "NO_COLOR": "1"}
        outcome = run("iar-to-flm", BOARD, tmp_path / "x.FLM", "--pass", "2", env=environment)
        assert outcome.exit_code == 0
        listed = [line for line in outcome.stdout.splitlines() if str(tmp_path) not in line]
        assert max(map(len, listed)) <= 80
        assert "\x1b" not in outcome.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--relocate", "20000000"], "--relocate"),
        (["--relocate", "0x20000004"], "multiple of 0x100"),
        (["--geometry", "4x"], "--geometry: part 1"),
        (["--page", "0"], "--page"),
        (["--page", "many"], "--page"),
        (["--chip", "no such chip"], "--chip list"),
        (["--pack", "gone.pack", "--chip", "x"], "gone.pack"),
        (["--pack", "some.pack"], "Add --chip NAME"),
        (["--toolkit-dir", "gone"], "--toolkit-dir"),
        (["--define", "X"], "NAME=PATH"),
        (["--dry-run", "--verify", "simulation"], "--dry-run"),
        (["--pass", "2"], "no pass 2"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_options_that_cannot_be_meant(options: list[str], words: str, tmp_path: Path) -> None:
    outcome = invoke("iar-to-flm", ONE_PASS, tmp_path / "x.FLM", *options)
    assert outcome.exit_code in (ExitCode.USAGE, ExitCode.UNREADABLE)
    assert_failure(outcome, outcome.exit_code)
    assert words in outcome.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "option", [["--pass", "0"], ["--erase-timeout", "0"], ["--erase-timeout", "long"]], ids=" ".join
)
def test_numbers_that_are_none(option: list[str], tmp_path: Path) -> None:
    outcome = invoke("iar-to-flm", ONE_PASS, tmp_path / "x.FLM", *option)
    assert (outcome.exit_code, outcome.stdout) == (ExitCode.USAGE, "")
    assert option[0] in outcome.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("flm-to-iar", "x.FLM"),
        ("flm-to-iar", "x.stldr"),
        ("stldr-to-flm", "x.stldr"),
        ("stldr-to-flm", "x.out"),
        ("iar-to-stldr", "x.out"),
        ("iar-to-flm", "x.flash"),
    ],
)
def test_a_suffix_that_stands_for_another_kind_of_file(command: str, name: str, tmp_path: Path) -> None:
    outcome = invoke(command, CONVERSIONS[command].source, tmp_path / name)
    assert_failure(outcome, ExitCode.USAGE)
    assert "stands for" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_file_of_the_input_is_ever_replaced(tmp_path: Path) -> None:
    stem, name = ONE_PASS.stem, "program.elf"
    flash = ONE_PASS.with_suffix(".flash").read_bytes().replace(f"{stem}.out".encode(), name.encode())
    (tmp_path / f"{stem}.flash").write_bytes(flash)
    (tmp_path / f"{stem}.board").write_bytes(ONE_PASS.read_bytes())
    (tmp_path / name).write_bytes(ONE_PASS.with_suffix(".out").read_bytes())
    before = snapshot(tmp_path)
    outcome = invoke("iar-to-stldr", tmp_path / f"{stem}.board", tmp_path / name, *RAM, "--force")
    assert_failure(outcome, ExitCode.USAGE)
    assert "input" in outcome.stderr
    assert snapshot(tmp_path) == before


def test_the_plan_is_the_same_from_whichever_file_the_loader_is_read(tmp_path: Path) -> None:
    plans = []
    for suffix in (".board", ".flash", ".out"):
        plan = plan_of("iar-to-flm", ONE_PASS.with_suffix(suffix), tmp_path / "x.FLM")
        plans.append({key: value for key, value in plan.items() if not key.startswith("source_")})
    assert plans[0] == plans[1] == plans[2]
    assert json.dumps(plans[0])


def test_a_chip_is_named_in_the_plan_with_its_source() -> None:
    report = report_of(invoke("stldr-to-flm", STLDR, "x.FLM", "--chip", "stm32f429xi", "--dry-run", "--format", "json"))
    assert report["plan"]["chip"].startswith("stm32f429xi (pyOCD")


@pytest.mark.parametrize("source", [FLM, STLDR])
def test_a_folder_is_no_file(source: Path, tmp_path: Path) -> None:
    flavour = "flm" if source == FLM else "stldr"
    outcome = invoke(f"{flavour}-to-iar", source, f"{tmp_path}/new/")
    assert_failure(outcome, ExitCode.USAGE)
    assert "names a folder" in outcome.stderr
    assert list(tmp_path.iterdir()) == []
