"""`loaderconv lint`: files, exit codes, rules, and loaders that belong together."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loaderconv.lint import runner
from loaderconv.lint.rules.stldr.descriptor_size import descriptor_size
from loaderconv_schemas.errors import ExitCode
from support.command import assert_failure
from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe
from support.inspecting import BOARD, FLM, IAR
from support.linting import CLEAN, MISNAMED, SHORT, as_report, assert_failure_beside_report, lint, put, rules
from support.stldr_builder import build
from support.stldr_recipe import StldrRecipe

pytestmark = pytest.mark.usefixtures("empty_folder")


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
