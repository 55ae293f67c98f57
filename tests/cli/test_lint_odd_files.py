"""`loaderconv lint` where files are odd, streams are closed, or the user loses patience."""

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from loaderconv_schemas.errors import ExitCode
from support.command import assert_failure, run, snapshot
from support.desk import IS_ROOT, on_posix
from support.elf_numbers import STT_FUNC
from support.flm_builder import build as build_flm
from support.flm_recipe import ExtraSymbol, FlmRecipe
from support.iar_texts import BASE, BLOCK, PAGE, flash_text
from support.linting import FLM, SHORT, lint, put, report_on
from support.packs import IRAM, algorithm, device, family, pdsc_text

FORMATS = ("text", "json", "sarif", "github", "junit")

not_as_root = pytest.mark.skipif(IS_ROOT or os.name == "nt", reason="root may read and write everything")


pytestmark = pytest.mark.usefixtures("empty_folder")


@on_posix
class TestEntriesOfFolders:
    def test_pipes_are_never_opened(self) -> None:
        """To open one would wait for its writer."""
        names = [f"d/x.{suffix}" for suffix in ("FLM", "stldr", "pack", "pdsc", "flash", "board", "out", "txt")]
        put("d/good.FLM", FLM)
        for name in names:
            os.mkfifo(name)
        for arguments in (["d"], names):
            outcome = run("lint", *arguments)
            assert outcome.exit_code == ExitCode.UNREADABLE
            assert "d/x.FLM: It is not a regular file." in outcome.stderr
        assert all(f"{name}: It is not a regular file." in outcome.stderr for name in names)

    def test_files_that_others_name_may_be_pipes(self) -> None:
        put("d/a.flash", flash_text("<exe>a.out</exe>", PAGE, BLOCK, BASE, "<macro>a.mac</macro>"))
        put("d/a.pdsc", pdsc_text(family(device("D", IRAM, algorithm("a.FLM"), algorithm("b.flash", style="IAR")))))
        for name in ("a.out", "a.mac", "a.FLM", "b.flash"):
            os.mkfifo(f"d/{name}")
        outcome = run("lint", "d/a.flash", "d/a.pdsc")
        assert outcome.exit_code == ExitCode.FINDINGS
        assert "IAR030" in outcome.stdout
        assert "FLM063" in outcome.stdout

    @pytest.mark.parametrize("name", ["x.FLM", "x.pack", "x.pdsc", "x.flash"])
    def test_a_folder_with_the_name_of_a_file(self, name: str) -> None:
        put(f"{name}/good.FLM", FLM)
        assert [each.path for each in report_on(".").files] == [f"{name}/good.FLM"]
        assert [each.path for each in report_on(name).files] == [f"{name}/good.FLM"]

    def test_links_that_lead_in_circles(self) -> None:
        put("d/good.FLM", FLM)
        Path("d/up").symlink_to("..")
        Path("d/self.FLM").symlink_to("self.FLM")
        Path("d/gone.pack").symlink_to("nowhere.pack")
        outcome = lint("d", "d/gone.pack")
        assert outcome.exit_code == ExitCode.UNREADABLE
        assert "d/self.FLM: The file cannot be read: Too many levels" in outcome.stderr
        assert "d/gone.pack: The file cannot be read: No such file" in outcome.stderr
        assert outcome.stdout.count("good.FLM") == 1

    def test_one_file_under_several_names(self) -> None:
        put("a.FLM", FLM)
        Path("b.FLM").symlink_to("a.FLM")
        assert len(report_on("a.FLM", "b.FLM", "./a.FLM", Path("a.FLM").absolute()).files) == 1
        assert len(report_on(".").files) == 1

    @not_as_root
    def test_what_may_not_be_read(self) -> None:
        put("d/good.FLM", FLM)
        put("d/secret/a.FLM", FLM)
        put("d/b.FLM", FLM).chmod(0)
        Path("d/secret").chmod(0)
        outcome = lint("d")
        Path("d/secret").chmod(0o700)
        assert outcome.exit_code == ExitCode.UNREADABLE
        assert "d/secret: The folder cannot be searched: Permission denied." in outcome.stderr
        assert "d/b.FLM: The file cannot be read: Permission denied." in outcome.stderr
        assert "d/good.FLM" in outcome.stdout


@on_posix
class TestPacksThatNameEachOther:
    """An algorithm may name a pack, and a .flash file of a pack may name the pack as its executable."""

    def test_circles_end(self) -> None:
        put("a.pdsc", pdsc_text(family(device("D", IRAM, algorithm("a.flash", style="IAR")))))
        put("a.flash", flash_text("<exe>b.pdsc</exe>", PAGE, BLOCK, BASE))
        put("b.pdsc", pdsc_text(family(device("D", IRAM, algorithm("a.pdsc", style="IAR"), algorithm("a.pdsc")))))
        outcome = lint(".")
        assert outcome.exit_code == ExitCode.FINDINGS, outcome.stderr
        assert "INT001" not in outcome.stdout


class TestNames:
    @pytest.mark.skipif(sys.platform != "linux", reason="other systems want file names in Unicode")
    @pytest.mark.parametrize("form", FORMATS)
    def test_a_file_name_that_is_no_text(self, form: str) -> None:
        path = Path(os.fsdecode(b"gr\xf6\xdfe\x1b[31m\n.stldr"))
        path.write_bytes(SHORT)
        outcome = lint(path, "--format", form, "--report", f"{form}:report")
        assert outcome.exit_code == 1, outcome.stderr
        text = outcome.stdout + Path("report").read_text("utf-8")
        assert "\x1b" not in text
        assert "STL009" in text

    @pytest.mark.parametrize("form", FORMATS)
    @pytest.mark.parametrize("name", [b"gr\xf6\xdfe", b"\x1b[2J", b"a\nb", b"\xed\xa0\x80"], ids=ascii)
    def test_a_symbol_in_a_code_page(self, form: str, name: bytes) -> None:
        place = "VendorFunc_" + "x" * len(name)
        symbol = ExtraSymbol(place, value=1, size_bytes=4, kind=STT_FUNC, section="PrgCode")
        data = build_flm(FlmRecipe(extra_symbols=(symbol,)))
        put("a.FLM", data.replace(b"x" * len(name), name))
        outcome = lint("a.FLM", "--format", form, "--fail-on", "note")
        assert outcome.exit_code == 1, outcome.stderr
        assert "FLM012" in outcome.stdout
        assert "\x1b" not in outcome.stdout
        if form in ("json", "sarif"):
            json.loads(outcome.stdout)
        if form == "junit":
            ET.fromstring(outcome.stdout)  # noqa: S314 - our own text


class TestStreams:
    @on_posix
    @pytest.mark.parametrize("form", ["text", "sarif"])
    def test_a_reader_who_goes_away(self, form: str) -> None:
        put("a.stldr", SHORT)
        reading, writing = os.pipe()
        os.close(reading)
        outcome = run("lint", "a.stldr", "--format", form, stdout=writing)
        os.close(writing)
        assert (outcome.exit_code, outcome.stderr) == (0, "")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    @pytest.mark.parametrize("form", ["text", "json"])
    def test_a_full_disk(self, form: str) -> None:
        put("a.stldr", SHORT)
        with Path("/dev/full").open("wb") as full:
            assert_failure(run("lint", "a.stldr", "--format", form, stdout=full.fileno()), ExitCode.NOT_WRITTEN)
        assert_failure(run("lint", "a.stldr", "--format", form, "-o", "/dev/full"), ExitCode.NOT_WRITTEN)

    @on_posix
    def test_closed_output(self) -> None:
        put("a.stldr", SHORT)
        assert_failure(run("lint", "a.stldr", before=lambda: os.close(1)), ExitCode.NOT_WRITTEN)
        outcome = run("lint", "a.stldr", "-o", "report.txt", before=lambda: os.close(1))
        assert (outcome.exit_code, outcome.stderr) == (1, "")
        assert run("lint", "a.stldr", before=lambda: os.close(0)).exit_code == 1


class TestOutputs:
    def test_a_name_that_is_too_long(self) -> None:
        put("a.stldr", SHORT)
        for options in (("-o", "n" * 300), ("--write-baseline", "n" * 300), ("--report", f"sarif:{'n' * 300}")):
            assert lint("a.stldr", *options).exit_code == ExitCode.NOT_WRITTEN

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    @pytest.mark.parametrize("place", ["/dev/full", "."])
    def test_a_baseline_is_a_file(self, place: str) -> None:
        """A device would give bytes for ever."""
        put("a.stldr", SHORT)
        assert_failure(run("lint", "a.stldr", "--write-baseline", place), ExitCode.USAGE)

    @not_as_root
    def test_folders_that_may_not_be_written_or_entered(self) -> None:
        path = put("in/a.stldr", SHORT)
        before = snapshot(Path("in"))
        Path("closed").mkdir(mode=0)
        path.parent.chmod(0o500)
        for options in (
            ("-o", "in/report"),
            ("-o", "closed/report"),
            ("--write-baseline", "closed/known.json"),
            ("--fix", "--in-place"),
            ("--fix", "--output-dir", "in/out"),
        ):
            assert lint(path, *options).exit_code == ExitCode.NOT_WRITTEN
        path.parent.chmod(0o700)
        assert snapshot(Path("in")) == before


@on_posix
class TestRepairs:
    def test_a_file_that_nobody_may_write_keeps_its_mode(self) -> None:
        path = put("a.stldr", SHORT)
        path.chmod(0o444)
        assert lint(path, "--fix", "--in-place").exit_code == 0
        assert path.stat().st_mode & 0o777 == 0o444
        assert lint(path).exit_code == 0

    def test_a_link_stays_one(self) -> None:
        put("real.stldr", SHORT)
        Path("a.stldr").symlink_to("real.stldr")
        assert lint("a.stldr", "real.stldr", "--ignore", "STL020", "--fix", "--in-place").exit_code == 0
        assert Path("a.stldr").is_symlink()
        assert lint("real.stldr").exit_code == 0

    def test_interrupted_in_the_middle(self) -> None:
        """Each file is as it was, or repaired as a whole."""
        for number in range(60):
            put(f"many/l{number}.stldr", SHORT)
        whole = lint(put("whole.stldr", SHORT), "--ignore", "STL020", "--fix", "--in-place")
        assert whole.exit_code == 0
        for delay in (0.6, 0.9, 1.2):
            interrupted(delay, "--fix", "--in-place", "--ignore", "STL020")
            found = {path.read_bytes() for path in Path("many").iterdir()}
            assert found <= {SHORT, Path("whole.stldr").read_bytes()}


def interrupted(delay_s: float, *options: str) -> tuple[int, str]:
    """Check a folder, press Ctrl-C as a terminal does, for all processes; return exit code and standard error."""
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "loaderconv", "lint", "many", "-o", "report.txt", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(delay_s)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


@on_posix
class TestInterrupts:
    @pytest.mark.parametrize("delay_ms", range(500, 1700, 300))
    def test_while_processes_start_and_work(self, delay_ms: int) -> None:
        for number in range(1000):
            put(f"many/l{number}.stldr", SHORT)
        started = time.monotonic()
        code, errors = interrupted(delay_ms / 1000)
        assert time.monotonic() - started < 10
        assert code in (ExitCode.INTERRUPTED, -signal.SIGINT)
        assert "Traceback" not in errors
        assert snapshot(Path()).keys() <= {".git", "many", *(f"many/l{number}.stldr" for number in range(1000))}
