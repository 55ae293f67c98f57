"""Inputs that cannot be read or converted: the right exit code, one error, one hint, nothing left behind."""

import os
import random
import socket
from pathlib import Path

import pytest

from support import elf_surgery as elf
from support.arm_attributes import aeabi
from support.command import COMMAND, assert_failure, invoke, run, snapshot
from support.desk import FIXTURE, IS_ROOT, REFUSED, UNREADABLE, Desk, desk_with, on_posix
from support.elf_numbers import EM_386, STT_FUNC
from support.flm_builder import build
from support.flm_recipe import ExtraSymbol, FlmRecipe, gcc_shaped, routines_without


class TestUnreadable:
    """Exit code 3."""

    @pytest.mark.parametrize(
        ("contents", "words"),
        [
            pytest.param(b"", "empty", id="empty file"),
            pytest.param(b"FLM FLM FLM\n", "not an ELF file", id="text file"),
            pytest.param(build(FlmRecipe(class_bits=64)), "32-bit", id="ELF64"),
        ],
    )
    def test_other_files_as_a_user_meets_them(self, tmp_path: Path, contents: bytes, words: str) -> None:
        said = desk_with(tmp_path, contents).fails_as_process(UNREADABLE)
        assert words in said
        assert str(tmp_path / "in.FLM") in said

    @pytest.mark.parametrize(
        ("contents", "words"),
        [
            pytest.param(build(FlmRecipe(is_big_endian=True)), "big-endian", id="big-endian"),
            pytest.param(build(FlmRecipe(machine=EM_386)), "x86", id="x86"),
            pytest.param(build(FlmRecipe(file_type=1)), "e_type 1", id="object file"),
            pytest.param(build(FlmRecipe(has_symtab=False)), "not a flash loader", id="stripped"),
            pytest.param(build(FlmRecipe(is_run_table_terminated=False)), "terminator", id="no terminator"),
            pytest.param(
                build(FlmRecipe(routines={"main": bytes(4), "Init": bytes(4)})).replace(b"FlashDevice", b"flashdevice"),
                "not a flash loader",
                id="ordinary application",
            ),
        ],
    )
    def test_other_files(self, tmp_path: Path, contents: bytes, words: str) -> None:
        assert words in desk_with(tmp_path, contents).fails(UNREADABLE)

    def test_missing_file(self, desk: Desk) -> None:
        desk.source.unlink()
        assert "in.FLM" in desk.fails_as_process(UNREADABLE)

    def test_folder_as_input(self, desk: Desk) -> None:
        desk.source.unlink()
        desk.source.mkdir()
        assert "in.FLM" in desk.fails_as_process(UNREADABLE)

    def test_truncated_at_50_places(self, tmp_path: Path) -> None:
        chosen = random.Random(20_240_501).sample(range(1, len(FIXTURE)), 50)  # noqa: S311 - no secret
        for size in chosen:
            desk_with(tmp_path, FIXTURE[:size]).fails(UNREADABLE)

    @pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero here")
    def test_file_without_end(self, desk: Desk) -> None:
        before = snapshot(desk.folder)
        assert_failure(run(COMMAND, "/dev/zero", desk.output), UNREADABLE)
        assert snapshot(desk.folder) == before

    @on_posix
    def test_socket_as_input(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(desk.folder)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("s.FLM")
            before = snapshot(desk.folder)
            assert_failure(invoke(COMMAND, "s.FLM", "out.stldr"), UNREADABLE)
            assert snapshot(desk.folder) == before

    @on_posix
    def test_link_to_itself(self, desk: Desk) -> None:
        desk.source.unlink()
        desk.source.symlink_to(desk.source)
        desk.fails(UNREADABLE)

    @pytest.mark.skipif(IS_ROOT or os.name == "nt", reason="root and Windows read files without permission")
    def test_file_without_permission(self, desk: Desk) -> None:
        desk.source.chmod(0)
        try:
            outcome = desk.convert()
        finally:
            desk.source.chmod(0o600)
        assert_failure(outcome, UNREADABLE)

    def test_zeroed_data_beyond_the_address_space(self, tmp_path: Path) -> None:
        contents = build(FlmRecipe(zi_size_bytes=0xFFFF_0000 - 36)).replace(
            (0xFFFF_0000 - 36).to_bytes(4, "little"), (0xFFFF_FFFF).to_bytes(4, "little")
        )
        desk_with(tmp_path, contents).fails(UNREADABLE)


class TestRefused:
    """Exit code 4."""

    def test_stldr_named_flm(self, desk: Desk) -> None:
        assert desk.convert().exit_code == 0
        desk.output.replace(desk.source)
        assert "an STM32Cube external loader (.stldr), not a Keil flash algorithm (.FLM)" in desk.fails_as_process(
            REFUSED
        )

    @pytest.mark.parametrize(
        ("recipe", "words"),
        [
            pytest.param(FlmRecipe(routines=routines_without("ProgramPage")), "no ProgramPage", id="no ProgramPage"),
            pytest.param(
                FlmRecipe(routines=routines_without("Init", "UnInit")), "no Init and no UnInit", id="two gone"
            ),
            pytest.param(FlmRecipe(page_size_bytes=0x2000), "larger than a sector", id="page larger than sector"),
            pytest.param(gcc_shaped(b""), "position independent", id="not position independent"),
            pytest.param(FlmRecipe(is_thumb=False), "Arm code", id="Arm state"),
            pytest.param(
                FlmRecipe(runs=tuple((0x800 << number % 2, 0x1000 * number) for number in range(16))),
                "16 runs of sectors",
                id="16 runs of sectors",
            ),
            pytest.param(FlmRecipe(runs=((0x1000, 0x1000),)), "does not start", id="first sector missing"),
            pytest.param(FlmRecipe(runs=()), "cover 0 bytes", id="no sectors"),
            pytest.param(FlmRecipe(page_size_bytes=0), "page size is 0", id="no page"),
            pytest.param(FlmRecipe(size_bytes=0), "size of 0", id="no size"),
            pytest.param(FlmRecipe(size_bytes=0x1_0100), "cover", id="sectors do not fill the device"),
            pytest.param(FlmRecipe(base_address=0xFFFF_FF00), "address space", id="device beyond 32 bits"),
            pytest.param(gcc_shaped(aeabi({6: 2})), "Cortex-M", id="Arm9"),
        ],
    )
    def test_loader_that_cannot_be_converted(self, tmp_path: Path, recipe: FlmRecipe, words: str) -> None:
        assert words in desk_with(tmp_path, build(recipe)).fails(REFUSED)

    def test_routine_that_no_host_would_download(self, tmp_path: Path) -> None:
        """An absolute Verify in the middle of the descriptor: the result would call into the page buffer."""
        verify = ExtraSymbol("Verify", value=36 + 4000 | 1, size_bytes=4, kind=STT_FUNC)
        recipe = FlmRecipe(routines=routines_without("Verify"), extra_symbols=(verify,))
        outcome = desk_with(tmp_path, build(recipe)).convert()
        assert outcome.exit_code in (UNREADABLE, REFUSED)

    def test_data_that_no_host_would_download(self, tmp_path: Path) -> None:
        """r9 would point at PrgData, which the file places where nothing is loaded."""
        contents = build(FlmRecipe(zi_size_bytes=0))
        data = elf.section(contents, "PrgData")
        contents = elf.put(contents, data.header_offset + elf.Shdr.ADDR, 0x1000_0000)
        outcome = desk_with(tmp_path, contents).convert()
        assert outcome.exit_code in (UNREADABLE, REFUSED)

    @pytest.mark.parametrize("ram", ["0x20000000:1K", "0x20000000:3K", "0x20000000:1", "0x9FFFFF00:0x100"])
    def test_ram_too_small(self, desk: Desk, ram: str) -> None:
        assert "bytes of RAM" in desk.fails(REFUSED, "--ram", ram)

    def test_said_need_is_enough_and_one_byte_less_is_not(self, desk: Desk) -> None:
        said = desk.fails(REFUSED, "--ram", "0x20000000:1")
        needed = int(said.partition("needs ")[2].split()[0])
        desk.fails(REFUSED, "--ram", f"0x20000000:{needed - 1}")
        assert desk.convert("--ram", f"0x20000000:{needed}").exit_code == 0

    def test_dry_run_refuses_too(self, tmp_path: Path) -> None:
        desk_with(tmp_path, build(FlmRecipe(page_size_bytes=0x2000))).fails(REFUSED, "--dry-run")

    def test_json_leaves_standard_output_empty(self, tmp_path: Path) -> None:
        desk_with(tmp_path, build(FlmRecipe(page_size_bytes=0x2000))).fails(REFUSED, "--format", "json")
