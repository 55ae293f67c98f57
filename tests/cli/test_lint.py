"""`loaderconv lint` as a user sees it: files, exit codes, reports, decisions, repairs."""

import json
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loaderconv.lint import runner
from loaderconv.lint.rules.stldr.descriptor_size import descriptor_size
from loaderconv_schemas.errors import ExitCode
from loaderconv_schemas.lint import LintReport
from support.command import Outcome, assert_failure, invoke, run, snapshot
from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe
from support.inspecting import BOARD, FLM, IAR
from support.stldr_builder import build
from support.stldr_recipe import SHORT_STORAGE_INFO_SIZE_BYTES, StldrRecipe

CLEAN = build(StldrRecipe())
SHORT = build(
    StldrRecipe(
        descriptor_shipped_bytes=SHORT_STORAGE_INFO_SIZE_BYTES,
        descriptor_symbol_size_bytes=SHORT_STORAGE_INFO_SIZE_BYTES,
    )
)
"""An error, STL009, which --fix can put right."""
MISNAMED = build(StldrRecipe(device_name=b"Other"))
"""A warning, STL020."""


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own, in which no settings are found, as the current one."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def put(name: str, data: bytes) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def lint(*arguments: str | Path) -> Outcome:
    return invoke("lint", *arguments, env={"COLUMNS": "400"})


def as_report(*arguments: str | Path) -> tuple[int, LintReport]:
    outcome = lint(*arguments, "--format", "json")
    assert outcome.stderr == ""
    return outcome.exit_code, LintReport.model_validate_json(outcome.stdout)


def rules(report: LintReport) -> list[str]:
    return [finding.rule for file in report.files for finding in file.findings]


class TestExitCodes:
    def test_clean(self) -> None:
        outcome = lint(put("built.stldr", CLEAN))
        assert (outcome.exit_code, outcome.stderr) == (0, "")
        assert "No findings" in outcome.stdout

    def test_findings(self) -> None:
        outcome = lint(put("built.stldr", SHORT))
        assert (outcome.exit_code, outcome.stderr) == (1, "")
        assert "136 bytes instead of 200" in outcome.stdout

    @pytest.mark.parametrize(("severity", "code"), [("error", 0), ("warning", 1), ("note", 1)])
    def test_fail_on(self, severity: str, code: int) -> None:
        assert lint(put("built.stldr", MISNAMED), "--fail-on", severity).exit_code == code

    def test_a_file_that_is_not_there(self) -> None:
        assert_failure_beside_report(lint("gone.stldr"), ExitCode.UNREADABLE)

    def test_no_loader(self) -> None:
        outcome = lint(put("notes.txt", b"hello").parent)
        assert_failure(outcome, ExitCode.UNREADABLE)

    def test_unreadable_counts_more_than_findings(self) -> None:
        assert lint(put("built.stldr", SHORT), "gone.stldr").exit_code == ExitCode.UNREADABLE

    def test_a_rule_that_crashes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def crash(_: object) -> Iterator[Any]:
            raise KeyError("[bold]lost[/bold]")
            yield

        broken = replace(descriptor_size, check=crash)
        monkeypatch.setattr("loaderconv.lint.unit.rules_for", lambda _: (broken,))
        outcome = lint(put("built.stldr", CLEAN))
        assert outcome.exit_code == ExitCode.INTERNAL
        assert "Traceback" not in outcome.stdout + outcome.stderr
        assert "STL009 failed: KeyError" in outcome.stdout
        assert "[bold]lost[/bold]" in outcome.stdout
        assert runner.CRASH in outcome.stdout


def assert_failure_beside_report(outcome: Outcome, exit_code: int) -> None:
    assert outcome.exit_code == exit_code
    assert [line.partition(":")[0] for line in outcome.stderr.splitlines()] == ["error", "hint"]


class TestFiles:
    def test_without_files_this_folder_is_checked(self) -> None:
        put("a/built.stldr", SHORT)
        put("readme.md", b"text")
        code, report = as_report()
        assert (code, rules(report), report.skipped) == (1, ["STL009"], 1)
        assert report.files[0].path == str(Path("a/built.stldr"))

    def test_a_pattern(self) -> None:
        put("built.stldr", CLEAN)
        put("built.FLM", build_flm(FlmRecipe()))
        _, report = as_report("*.FLM")
        assert [file.path for file in report.files] == ["built.FLM"]

    def test_a_board_comes_with_what_it_names_once(self) -> None:
        _, report = as_report(BOARD, BOARD.with_suffix(".out"), "--toolkit-dir", IAR)
        names = [Path(file.path).name for file in report.files]
        assert names == ["strict_iar.board", "strict_iar.flash", "strict_iar.out"]

    def test_a_damaged_loader_in_a_folder_is_told_of(self) -> None:
        put("cut.FLM", FLM.read_bytes()[:300])
        outcome = lint(".")
        assert_failure_beside_report(outcome, ExitCode.UNREADABLE)
        assert "cut.FLM" in outcome.stderr

    def test_another_machine_is_a_finding(self) -> None:
        data = bytearray(CLEAN)
        data[18:20] = (243).to_bytes(2, "little")
        code, report = as_report(put("built.stldr", bytes(data)))
        assert (code, rules(report)) == (1, ["STL001"])

    def test_others_are_passed_over(self) -> None:
        path = put("zephyr.board", b"config BOARD\n")
        assert_failure_beside_report(lint(path), ExitCode.UNREADABLE)
        assert lint(path, "--skip-others").exit_code == 0
        cut = put("cut.FLM", FLM.read_bytes()[:300])
        assert lint(path, cut, "--skip-others").exit_code == ExitCode.UNREADABLE

    def test_other_packs_are_passed_over(self) -> None:
        put("built.stldr", CLEAN)
        put("cache/0.pack", b"wpc2 webpack cache")
        code, report = as_report(".")
        assert (code, report.skipped) == (0, 1)

    def test_a_defect_of_the_reader_costs_one_file(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> Any:
            raise RecursionError("deep")

        put("a.FLM", build_flm(FlmRecipe()))
        put("b.stldr", SHORT)
        monkeypatch.setattr("loaderconv.lint.subjects.flm.FlmFile.parts", property(fail))
        code, report = as_report(".")
        assert code == ExitCode.INTERNAL
        assert set(rules(report)) >= {runner.CRASH, "STL009"}

    def test_folders_of_tools_are_not_searched(self) -> None:
        put("built.stldr", CLEAN)
        put(".git/hooks/built.stldr", SHORT)
        put("node_modules/x/built.stldr", SHORT)
        assert [each.path for each in as_report(".")[1].files] == ["built.stldr"]

    def test_order_is_that_of_the_arguments(self) -> None:
        files = [put(f"{name}/built.stldr", CLEAN) for name in "cab"]
        _, report = as_report(*files)
        assert [file.path for file in report.files] == [str(each) for each in files]


class TestRules:
    def test_select_and_ignore(self) -> None:
        path = put("built.stldr", build(StldrRecipe(device_name=b"Other", descriptor_symbol_size_bytes=0)))
        assert set(rules(as_report(path)[1])) == {"STL009", "STL020"}
        assert rules(as_report(path, "--select", "STL02")[1]) == ["STL020"]
        assert rules(as_report(path, "--ignore", "stl02")[1]) == ["STL009"]

    def test_unknown_rule(self) -> None:
        outcome = lint(put("built.stldr", CLEAN), "--select", "STX")
        assert_failure(outcome, ExitCode.USAGE)
        assert "STL" in outcome.stderr

    def test_a_rule_without_its_facts_says_so(self) -> None:
        path = put("built.stldr", CLEAN)
        _, report = as_report(path)
        assert "STL032" in {each.rule for each in report.files[0].skipped}
        _, report = as_report(path, "--ram", "0x20000000:128K")
        assert "STL032" not in {each.rule for each in report.files[0].skipped}
        _, report = as_report(path, "--chip", "STM32F429ZI")
        assert "STL032" not in {each.rule for each in report.files[0].skipped}

    def test_hosts(self) -> None:
        path = put("built.stldr", SHORT)
        _, report = as_report(path)
        assert report.files[0].verdicts[0].host == "cubeprogrammer"
        assert report.files[0].verdicts[0].verdict == "rejected"
        _, report = as_report(path, "--for", "st-openocd")
        assert [each.host for each in report.files[0].verdicts] == ["st-openocd"]

    def test_hosts_of_other_flavours_have_no_verdict(self) -> None:
        _, report = as_report(put("built.stldr", CLEAN), "--for", "pyOCD, cubeprogrammer,cubeprogrammer")
        assert [each.host for each in report.files[0].verdicts] == ["cubeprogrammer"]
        assert_failure(lint("built.stldr", "--for", "pyocdd"), ExitCode.USAGE)

    def test_rules_that_are_not_chosen_count_for_hosts(self) -> None:
        _, report = as_report(put("built.stldr", SHORT), "--ignore", "STL009")
        assert (rules(report), report.files[0].verdicts[0].verdict) == ([], "rejected")

    def test_lists_with_commas(self) -> None:
        path = put("built.stldr", build(StldrRecipe(device_name=b"Other", descriptor_symbol_size_bytes=0)))
        assert set(rules(as_report(path, "--select", "STL009,STL020")[1])) == {"STL009", "STL020"}

    @pytest.mark.parametrize(("name", "rule"), [("built.FLM", "FLM002"), ("built.stldr", "STL017")])
    def test_a_loader_under_the_suffix_of_another(self, name: str, rule: str) -> None:
        data = CLEAN if name == "built.FLM" else build_flm(FlmRecipe())
        code, report = as_report(put(name, data))
        assert code == 1
        assert rule in rules(report)
        assert {each.verdict for each in report.files[0].verdicts if each.rules == (rule,)} == {"rejected"}


class TestReports:
    def test_sarif_and_junit_beside_text(self) -> None:
        path = put("built.stldr", SHORT)
        outcome = lint(path, "--report", "sarif:a.sarif", "--report", "junit:a.xml")
        assert outcome.exit_code == 1
        assert "136 bytes" in outcome.stdout
        log = json.loads(Path("a.sarif").read_text("utf-8"))
        result = log["runs"][0]["results"][0]
        assert result["ruleId"] == "STL009"
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "built.stldr"
        assert ET.parse("a.xml").getroot().get("failures") == "1"  # noqa: S314 - our own file

    @pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
    def test_a_file_has_line_feeds_only(self, form: str) -> None:
        path = put("größe [bold].stldr", SHORT)
        outcome = lint(path, "--format", form, "-o", "report")
        assert (outcome.exit_code, outcome.stdout) == (1, "")
        written = Path("report").read_bytes()
        assert b"\r" not in written
        assert "STL009" in written.decode("utf-8")

    def test_a_file_has_no_colours(self) -> None:
        path = put("built.stldr", SHORT)
        outcome = run("lint", path, "-o", "report", "--report", "github:g", env={"FORCE_COLOR": "1"})
        assert (outcome.exit_code, outcome.stdout) == (1, "")
        assert b"\x1b" not in Path("report").read_bytes() + Path("g").read_bytes()

    def test_github_appends_to_the_summary(self, monkeypatch: pytest.MonkeyPatch) -> None:
        put("summary.md", b"before\n")
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(Path("summary.md").absolute()))
        outcome = lint(put("built.stldr", SHORT), "--format", "github")
        assert outcome.stdout.startswith("::error file=built.stldr")
        summary = Path("summary.md").read_text("utf-8")
        assert summary.startswith("before\n")
        assert "STL009" in summary

    @pytest.mark.parametrize("report", ["sarif", "sarif:", "pdf:a.pdf", ":a"])
    def test_a_report_that_cannot_be_meant(self, report: str) -> None:
        assert_failure(lint(put("built.stldr", CLEAN), "--report", report), ExitCode.USAGE)

    def test_two_reports_into_one_file(self) -> None:
        path = put("built.stldr", CLEAN)
        assert_failure(lint(path, "--report", "sarif:a.x", "-o", "./a.x"), ExitCode.USAGE)
        assert not Path("a.x").exists()

    def test_least_severity_that_is_shown(self) -> None:
        path = put("built.stldr", MISNAMED)
        code, report = as_report(path, "--show", "error", "--fail-on", "warning")
        assert (code, rules(report), report.files[0].dismissed.hidden) == (1, [], 1)

    @pytest.mark.parametrize("options", [("-o",), ("--report", "json:")])
    def test_an_input_is_never_overwritten(self, options: tuple[str, ...]) -> None:
        path = put("built.stldr", SHORT)
        outcome = lint(path, *options[:-1], f"{options[-1]}built.stldr" if len(options) > 1 else "-obuilt.stldr")
        assert_failure(outcome, ExitCode.USAGE)
        assert path.read_bytes() == SHORT

    def test_no_such_folder(self) -> None:
        outcome = lint(put("built.stldr", CLEAN), "-o", "no/report.txt")
        assert_failure(outcome, ExitCode.USAGE)


class TestDecisions:
    def test_baseline(self) -> None:
        path = put("built.stldr", SHORT)
        outcome = lint(path, "--write-baseline", "known.json")
        assert (outcome.exit_code, outcome.stderr) == (0, "note: known.json knows 1 finding now.\n")
        code, report = as_report(path, "--baseline", "known.json")
        assert (code, rules(report), report.files[0].dismissed.baseline) == (0, [], 1)
        put("built.stldr", CLEAN)
        code, report = as_report(path, "--baseline", "known.json")
        assert (code, len(report.unused)) == (0, 1)

    def test_settings(self) -> None:
        put("built.stldr", MISNAMED)
        put("loaderconv.toml", b'fail-on = "warning"\n')
        assert lint().exit_code == 1
        assert lint("--no-config").exit_code == 0
        assert lint("--fail-on", "error").exit_code == 0

    def test_sets_are_not_called_unused_where_the_others_are_not_there(self) -> None:
        put("built.stldr", CLEAN)
        entry = '[[per-file-ignores]]\npath = "*"\nrules = ["SET006"]\nreason = "known"\n'
        put("loaderconv.toml", entry.encode())
        assert as_report("built.stldr")[1].unused == ()

    def test_ram_takes_the_place_of_a_chip_with_packs(self) -> None:
        put("built.stldr", CLEAN)
        put("loaderconv.toml", b'chip = "ANY"\npack = ["gone.pack"]\n')
        assert lint("--ram", "0x20000000:64K").exit_code == 0
        assert_failure(lint("--ram", "0x20000000:64K", "--chip", "STM32F429ZI"), ExitCode.USAGE)

    def test_settings_are_named_where_they_are_wrong(self) -> None:
        put("built.stldr", CLEAN)
        put("loaderconv.toml", b'chip = "NOSUCHCHIP"\n')
        assert "loaderconv.toml: " in lint().stderr
        assert "loaderconv.toml" not in lint("--chip", "NOSUCHCHIP").stderr

    def test_per_file_ignore_needs_a_reason(self) -> None:
        put("built.stldr", SHORT)
        entry = '[[per-file-ignores]]\npath = "*.stldr"\nrules = ["STL009"]\nreason = "{}"\n'
        put("loaderconv.toml", entry.format("old host only").encode())
        code, report = as_report("built.stldr")
        assert (code, report.files[0].dismissed.ignored) == (0, 1)
        put("loaderconv.toml", entry.format("").encode())
        assert_failure(lint("built.stldr"), ExitCode.USAGE)

    def test_dismissed_findings_still_count_for_hosts(self) -> None:
        path = put("built.stldr", SHORT)
        lint(path, "--write-baseline", "known.json")
        _, report = as_report(path, "--baseline", "known.json")
        assert report.files[0].verdicts[0].verdict == "rejected"


class TestFix:
    def test_into_a_folder(self) -> None:
        path = put("in/built.stldr", SHORT)
        code, report = as_report(path, "--fix", "--output-dir", "out")
        assert (code, rules(report)) == (0, [])
        assert report.files[0].path == report.fixed[0].output == str(Path("out/in/built.stldr"))
        assert report.fixed[0].rules == ("STL009",)
        assert [change.code for change in report.fixed[0].changes] == ["descriptor-size"]
        assert path.read_bytes() == SHORT
        assert as_report(Path("out/in/built.stldr"))[0] == 0

    def test_in_place(self) -> None:
        path = put("built.stldr", SHORT)
        outcome = lint(path, "--fix", "--in-place")
        assert outcome.exit_code == 0
        assert "136 bytes" in outcome.stdout
        assert path.read_bytes() != SHORT
        assert lint(path).exit_code == 0

    def test_what_cannot_be_repaired_stays(self) -> None:
        path = put("built.stldr", build(StldrRecipe(groups=((255, 0x1000),))))
        before = snapshot(Path())
        code, report = as_report(path, "--fix", "--in-place")
        assert (code, rules(report), report.fixed) == (1, ["STL024"], ())
        assert snapshot(Path()) == before

    def test_a_file_that_is_there_already_is_not_replaced(self) -> None:
        path = put("built.stldr", SHORT)
        put("out/built.stldr", b"mine")
        assert_failure(lint(path, "--fix", "--output-dir", "out"), ExitCode.USAGE)
        assert Path("out/built.stldr").read_bytes() == b"mine"

    @pytest.mark.parametrize(
        "options", [("--fix",), ("--in-place",), ("--fix", "--in-place", "--output-dir", "out"), ("--output-dir", "o")]
    )
    def test_it_must_be_clear_where_files_go(self, options: tuple[str, ...]) -> None:
        assert_failure(lint(put("built.stldr", SHORT), *options), ExitCode.USAGE)

    def test_a_link_keeps_its_name(self) -> None:
        put("store/0123abcd", MISNAMED)
        Path("W25Q64.stldr").symlink_to("store/0123abcd")
        _, report = as_report("W25Q64.stldr", "--fix", "--output-dir", "out")
        assert report.fixed[0].output == str(Path("out/W25Q64.stldr"))
        assert "STL020" not in rules(report)

    def test_what_can_be_repaired_is(self) -> None:
        data = build(StldrRecipe(code_address=0x2000_0100, entry=0x2000_0101, descriptor_symbol_size_bytes=0))
        _, report = as_report(put("built.stldr", data), "--fix", "--in-place")
        assert "STL009" not in rules(report)

    def test_not_with_a_new_baseline(self) -> None:
        path = put("built.stldr", SHORT)
        assert_failure(lint(path, "--fix", "--in-place", "--write-baseline", "known.json"), ExitCode.USAGE)

    def test_a_repaired_name_is_compared_anew(self) -> None:
        device = {"base_address": 0x9000_0000, "size_bytes": 0x10_0000, "page_size_bytes": 0x100, "device_type": 5}
        put("built.FLM", build_flm(FlmRecipe(**device, device_name=b"built", runs=((0x1000, 0),))))
        put("built.stldr", MISNAMED)
        assert "SET006" in rules(as_report(".")[1])
        assert "SET006" not in rules(as_report(".", "--fix", "--in-place")[1])

    def test_ignored_findings_are_not_repaired(self) -> None:
        path = put("built.stldr", SHORT)
        _, report = as_report(path, "--ignore", "STL009", "--fix", "--in-place")
        assert report.fixed == ()
        assert path.read_bytes() == SHORT


class TestManyFiles:
    def test_processes_find_what_one_finds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(12):
            put(f"{number % 3}/l{number}.stldr", SHORT if number % 4 else CLEAN)
        put("2/notes.txt", b"text")
        alone = as_report(".")[1]
        monkeypatch.setattr("loaderconv.lint.job.MANY_FILES", 2)
        together = as_report(".")[1]
        assert together == alone
        assert len(alone.files) == 12

    @pytest.mark.skipif(sys.platform != "linux", reason="how to see the processes of another one is known for Linux")
    def test_interrupt(self) -> None:
        """Ctrl-C while several processes work: the command ends at once, and nothing is half written."""
        for number in range(3000):
            put(f"many/l{number}.stldr", SHORT)
        command = [sys.executable, "-m", "loaderconv", "lint", "many", "-o", "report.txt"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            while process.poll() is None and not children.read_text().split():
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=60)
        assert process.returncode == ExitCode.INTERRUPTED, told
        assert "Interrupted" in told
        assert "Traceback" not in told
        assert not Path("report.txt").exists()


class TestLoadersOfOneDevice:
    """An FLM and a stldr of the same stem are held against each other."""

    def put_pair(self, **changes: Any) -> tuple[Path, Path]:
        device = {"base_address": 0x9000_0000, "size_bytes": 0x10_0000, "page_size_bytes": 0x100}
        flm = build_flm(FlmRecipe(**{**device, **changes}, device_type=5, device_name=b"built", runs=((0x1000, 0),)))
        return put("built.FLM", flm), put("built.stldr", CLEAN)

    def test_a_pair_that_agrees(self) -> None:
        self.put_pair()
        assert [each for each in rules(as_report(".")[1]) if each.startswith("SET")] == []

    def test_a_pair_that_differs_in_size(self) -> None:
        self.put_pair(size_bytes=0x20_0000)
        _, report = as_report(".")
        found = {file.path: [each.rule for each in file.findings] for file in report.files}
        assert "SET002" in found["built.FLM"] + found["built.stldr"]
        assert "SET002" not in rules(as_report(".", "--ignore", "SET")[1])

    def test_named_by_absolute_and_relative_paths(self) -> None:
        flm, stldr = self.put_pair(size_bytes=0x20_0000)
        assert "SET002" in rules(as_report(flm.absolute(), stldr)[1])
