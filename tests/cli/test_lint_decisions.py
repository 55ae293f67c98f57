"""What a team settles for `loaderconv lint`: settings, ignores, baseline, repairs."""

from pathlib import Path

import pytest

from loaderconv_schemas.errors import ExitCode
from support.command import assert_failure, snapshot
from support.flm_builder import build as build_flm
from support.flm_recipe import FlmRecipe
from support.linting import CLEAN, MISNAMED, SHORT, as_report, lint, put, rules
from support.stldr_builder import build
from support.stldr_recipe import StldrRecipe

pytestmark = pytest.mark.usefixtures("empty_folder")


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
