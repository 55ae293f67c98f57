"""Options and outputs that cannot be meant or written: the right exit code, nothing left behind, nothing changed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loaderconv_formats.loader_file import parse_loader
from support.command import COMMAND, assert_failure, run, snapshot
from support.desk import FIXTURE, IS_ROOT, NOT_WRITTEN, REFUSED, USAGE, Desk, on_posix


class TestUsage:
    """Exit code 2."""

    def test_no_output_folder(self, desk: Desk) -> None:
        desk.output = desk.folder / "nowhere" / "out.stldr"
        assert "nowhere" in desk.fails_as_process(USAGE)

    def test_output_folder_is_a_file(self, desk: Desk) -> None:
        desk.output = desk.source / "out.stldr"
        desk.fails(USAGE)

    @pytest.mark.parametrize("option", [[], ["--force"]], ids=["", "force"])
    def test_output_is_input(self, desk: Desk, option: list[str]) -> None:
        desk.output = desk.source
        assert "input" in desk.fails(USAGE, *option)

    @on_posix
    def test_output_is_input_through_a_symbolic_link(self, desk: Desk) -> None:
        desk.output.symlink_to(desk.source)
        assert "input" in desk.fails(USAGE, "--force")

    @on_posix
    def test_input_is_a_symbolic_link_to_output(self, desk: Desk) -> None:
        desk.output.write_bytes(FIXTURE)
        desk.source.unlink()
        desk.source.symlink_to(desk.output)
        assert "input" in desk.fails(USAGE, "--force")

    def test_output_is_input_through_a_hard_link(self, desk: Desk) -> None:
        os.link(desk.source, desk.output)
        assert "input" in desk.fails(USAGE, "--force")

    def test_output_is_input_through_a_relative_path(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        (desk.folder / "sub").mkdir()
        monkeypatch.chdir(desk.folder)
        desk.output = Path("sub") / ".." / desk.name
        assert "input" in desk.fails(USAGE, "--force")

    def test_output_exists(self, desk: Desk) -> None:
        desk.output.write_bytes(b"precious")
        assert "--force" in desk.fails_as_process(USAGE)
        assert desk.output.read_bytes() == b"precious"

    @pytest.mark.parametrize("option", [[], ["--force"]], ids=["", "force"])
    def test_output_is_a_folder(self, desk: Desk, option: list[str]) -> None:
        desk.output.mkdir()
        (desk.output / "kept").write_bytes(b"kept")
        desk.fails(USAGE, *option)

    @on_posix
    def test_output_is_a_link_to_nothing(self, desk: Desk) -> None:
        desk.output.symlink_to(desk.folder / "nothing")
        desk.fails(USAGE)

    @on_posix
    def test_output_is_a_device(self, desk: Desk) -> None:
        desk.output = Path(os.devnull)
        desk.fails(USAGE, "--force", "--name", "null")
        assert Path(os.devnull).is_char_device()

    @pytest.mark.parametrize("output", [".", "..", "/"])
    def test_output_without_a_name(self, desk: Desk, output: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(desk.folder)
        desk.output = Path(output)
        desk.fails(USAGE, "--force")

    @pytest.mark.parametrize(
        "ram",
        [
            "",
            ":",
            "0x20000000",
            "0x20000000:",
            ":32K",
            "32K:0x20000000",
            "0x20000000:32G",
            "0x20000000:32 K",
            "0x20000000:-1",
            "-1:32K",
            "0x20000000:0",
            "0x20000000:0K",
            "0x:32K",
            "20000000h:32K",
            "0x20000000:32K:1",
            "0x20000000-0x20008000",
            "0x100000000:32K",
            "0xFFFFFF00:512",
            "0x20000000:4096M",
            "0x2000_0000:32K",
            "010:32K",
            "0x20000000:032",
            pytest.param("0x20000000:" + "9" * 5000, id="5000 digits"),
            "²:32K",
            "[red]:32K",
            "20000000:32K",
            "0x40000000:32K",
            "0x5FFFFF00:32K",
            "0xE0000000:32K",
        ],
    )
    def test_bad_ram(self, desk: Desk, ram: str) -> None:
        assert "--ram" in desk.fails(USAGE, f"--ram={ram}")

    @pytest.mark.parametrize(
        "ram", ["0x0:32K", "0x20000000:0x8000", "0x24000000:1M", "0x60000000:32768", "0x10000000:64KiB"]
    )
    def test_good_ram(self, desk: Desk, ram: str) -> None:
        assert desk.convert(f"--ram={ram}").exit_code == 0

    def test_bad_ram_as_a_user_meets_it(self, desk: Desk) -> None:
        assert "0x20000000:32K" in desk.fails_as_process(USAGE, "--ram", "lots")

    @pytest.mark.parametrize("base", ["0x20000004", "0x20000080", "0x200000FF", "0x1"])
    def test_unaligned_ram_base(self, desk: Desk, base: str) -> None:
        assert "multiple of 0x100" in desk.fails(USAGE, "--ram", f"{base}:32K")

    @pytest.mark.parametrize(
        "name", ["", "N" * 100, "Größe", "line\nbreak", "tab\t", "\x1b[31mred", "\x7f", "日本"], ids=ascii
    )
    def test_bad_name(self, desk: Desk, name: str) -> None:
        assert "DeviceName" in desk.fails(USAGE, f"--name={name}")

    def test_longest_name(self, desk: Desk) -> None:
        assert desk.convert("--name", "N" * 99).exit_code == 0
        assert parse_loader(desk.output.read_bytes(), "out").loader.device.name == "N" * 99

    def test_file_name_that_is_no_device_name(self, tmp_path: Path) -> None:
        assert "--name" in Desk(tmp_path, output_name="Größe.stldr").fails(USAGE)

    def test_file_name_longer_than_any_file_system_takes(self, desk: Desk) -> None:
        desk.output = desk.folder / ("n" * 300 + ".stldr")
        before = snapshot(desk.folder)
        outcome = desk.convert("--name", "short")
        assert outcome.exit_code in (USAGE, NOT_WRITTEN), outcome.stderr
        assert_failure(outcome, outcome.exit_code)
        assert snapshot(desk.folder) == before

    def test_longest_file_name_that_the_file_system_takes(self, desk: Desk) -> None:
        """255 bytes are allowed; a temporary name must not need more."""
        desk.output = desk.folder / ("n" * 249 + ".stldr")
        desk.output.write_bytes(b"the file system takes it")
        outcome = desk.convert("--name", "short", "--force")
        assert outcome.exit_code == 0, outcome.stderr

    def test_unknown_format(self, desk: Desk) -> None:
        before = snapshot(desk.folder)
        outcome = desk.convert("--format", "xml")
        assert (outcome.exit_code, outcome.stdout) == (USAGE, "")
        assert "xml" in outcome.stderr
        assert snapshot(desk.folder) == before


class TestNotWritten:
    """Exit code 6."""

    @on_posix
    def test_file_size_limit(self, desk: Desk) -> None:
        before = snapshot(desk.folder)
        outcome = run(COMMAND, desk.source, desk.output, before=_limit_file_size)
        assert_failure(outcome, NOT_WRITTEN)
        assert snapshot(desk.folder) == before

    @on_posix
    def test_file_size_limit_keeps_the_old_file(self, desk: Desk) -> None:
        desk.output.write_bytes(b"precious")
        outcome = run(COMMAND, desk.source, desk.output, "--force", before=_limit_file_size)
        assert_failure(outcome, NOT_WRITTEN)
        assert desk.output.read_bytes() == b"precious"
        assert sorted(path.name for path in desk.folder.iterdir()) == ["in.FLM", "out.stldr"]

    @pytest.mark.skipif(IS_ROOT or os.name == "nt", reason="root and Windows write into read-only folders")
    def test_read_only_folder(self, desk: Desk) -> None:
        closed = desk.folder / "closed"
        closed.mkdir()
        desk.output = closed / "out.stldr"
        closed.chmod(0o500)
        try:
            desk.fails(NOT_WRITTEN)
        finally:
            closed.chmod(0o700)

    @pytest.mark.skipif(IS_ROOT or os.name == "nt", reason="root and Windows enter every folder")
    def test_folder_that_may_not_be_entered(self, desk: Desk) -> None:
        closed = desk.folder / "closed"
        closed.mkdir()
        closed.chmod(0)
        desk.output = closed / "out.stldr"
        try:
            outcome = desk.convert()
        finally:
            closed.chmod(0o700)
        assert outcome.exit_code in (USAGE, NOT_WRITTEN), outcome.stderr
        assert_failure(outcome, outcome.exit_code)
        assert list(closed.iterdir()) == []

    @pytest.fixture
    def full_folder(self, tmp_path: Path) -> Iterator[Path]:
        """A file system of its own without a free byte."""
        folder = tmp_path / "full"
        folder.mkdir()
        if not IS_ROOT or sys.platform != "linux":
            pytest.skip("only root on Linux may mount a tmpfs")
        command = ["mount", "-t", "tmpfs", "-o", "size=64k", "loaderconv-test", str(folder)]
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
        if mounted.returncode:
            pytest.skip(f"mounting a tmpfs is not allowed here: {mounted.stderr.strip()}")
        try:
            _fill(folder)
            yield folder
        finally:
            subprocess.run(["umount", str(folder)], check=True)

    def test_full_file_system(self, desk: Desk, full_folder: Path) -> None:
        desk.output = full_folder / "out.stldr"
        assert "out.stldr" in desk.fails(NOT_WRITTEN)

    def test_full_file_system_keeps_the_old_file(self, desk: Desk, full_folder: Path) -> None:
        desk.output = full_folder / "filler"
        desk.fails(NOT_WRITTEN, "--force")

    @pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")
    def test_folder_that_takes_no_files(self, desk: Desk) -> None:
        desk.output = Path("/proc/self/out.stldr")
        desk.fails(NOT_WRITTEN)

    @pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
    def test_failure_at_each_step(self, desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
        def fail(*_: object, **__: object) -> None:
            raise OSError(5, "Input/output error")

        desk.output.write_bytes(b"precious")
        owner: object = os if step == "fsync" else Path
        monkeypatch.setattr(owner, step, fail)
        assert "Input/output error" in desk.fails(NOT_WRITTEN, "--force")

    def test_bytes_that_read_back_differently(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        """A broken disk, or a defect of the writer: the file is never moved into place."""
        read_bytes = Path.read_bytes
        damaged = lambda path: read_bytes(path)[:-1]  # noqa: E731
        before = snapshot(desk.folder)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "read_bytes", damaged)
            outcome = desk.convert()
        assert outcome.exit_code not in (0, USAGE, REFUSED)
        assert "Traceback" not in outcome.stderr
        assert snapshot(desk.folder) == before


def _limit_file_size() -> None:
    """Let the new process write no file beyond 1000 bytes."""
    import resource  # noqa: PLC0415 - not on Windows

    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


def _fill(folder: Path) -> None:
    """Write until nothing more fits."""
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(512)):
                pass
        except OSError:
            return
