"""What a pass of a `.board` file changes, and which loaders C-SPY cannot drive."""

import struct

import pytest

from loaderconv.hosts.core import Register
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import ConversionRefused, LoaderConvError, RunFailed, UsageProblem
from loaderconv_schemas.iar import ArgumentBlock
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Placement, PlacementKind
from support.loader_models import addresses, loader, segment
from support.scripted_loader import (
    BASE,
    CHECKSUM,
    DEVICE,
    RAM_START,
    STACK_TOP,
    WRITE,
    Reply,
    ScriptedLoader,
    always,
    host_for,
    model,
    scripted_interface,
    span,
)

ARGUMENTS = ArgumentBlock(
    count_address=RAM_START + 0x2000,
    vector=addresses(RAM_START + 0x2004, RAM_START + 0x2010),
    text=addresses(RAM_START + 0x2010, RAM_START + 0x2020),
)


def with_arguments(*args: str) -> Loader:
    return model(args=args, iar_interface=scripted_interface(arguments=ARGUMENTS))


class TestPass:
    def test_offset_lies_between_the_image_and_the_loader(self) -> None:
        scripted = ScriptedLoader()
        host = host_for(scripted, model(CHECKSUM), address_delta=0x7000_0000)
        assert host.device.base_address == 0x2000_0000
        host.erase(AddressRange(start=0x2000_0400, size_bytes=1))
        host.program(0x2000_0500, b"x")
        host.verify(0x2000_0500, b"x")
        init, erase, write, checksum = scripted.calls
        assert (init.base, init.offset) == (BASE, 0x2000_0400)
        assert erase.data == struct.pack("<2I", BASE + 0x400, 0x400)
        assert (write.base, write.offset) == (BASE + 0x400, 0x100)
        assert checksum.base == BASE + 0x500

    def test_offset_wraps(self) -> None:
        """A device at 0 whose image is linked for 0x90000000, as in boards for STM32H7."""
        scripted = ScriptedLoader()
        device = DEVICE.model_copy(update={"base_address": 0})
        host = host_for(scripted, model(device=device), address_delta=0x7000_0000)
        assert host.device.base_address == 0x9000_0000
        host.program(0x9000_0400, b"x")
        assert scripted.of(WRITE)[0].base == 0x400

    def test_arguments_of_the_pass_come_before_those_of_the_flash_file(self) -> None:
        for args, expected in ((("--b", "cd"), (b"--b\0cd\0", 2)), ((), (b"--flash\0", 1))):
            scripted = ScriptedLoader()
            host_for(scripted, with_arguments("--flash"), args=args).erase(span(0, 1))
            text, count = expected
            start = ARGUMENTS.text.start
            assert scripted.read_memory(start, len(text)) == text
            assert scripted.read_memory(ARGUMENTS.count_address, 4) == struct.pack("<I", count)
            pointers = struct.unpack(f"<{count}I", scripted.read_memory(ARGUMENTS.vector.start, 4 * count))
            assert pointers == ((start, start + 4) if count == 2 else (start,))

    def test_no_arguments_are_counted_as_none(self) -> None:
        scripted = ScriptedLoader()
        scripted.write_memory(ARGUMENTS.count_address, b"\xde" * 4)
        host_for(scripted, with_arguments()).erase(span(0, 1))
        assert scripted.read_memory(ARGUMENTS.count_address, 4) == bytes(4)

    @pytest.mark.parametrize("args", [("1", "2", "3", "4"), ("sixteen letters.",), ("seven..", "eight...")])
    def test_arguments_that_do_not_fit_are_refused(self, args: tuple[str, ...]) -> None:
        scripted = ScriptedLoader()
        with pytest.raises(UsageProblem, match="has room for 3 arguments with 16 bytes of text"):
            host_for(scripted, with_arguments(), args=args).erase(span(0, 1))
        assert scripted.calls == []

    def test_arguments_for_a_loader_that_takes_none_are_refused(self) -> None:
        with pytest.raises(UsageProblem, match="takes no arguments, and 1 are given"):
            host_for(ScriptedLoader(), args=("--fast",)).erase(span(0, 1))

    def test_stack_is_where_the_loader_itself_puts_it(self) -> None:
        scripted = ScriptedLoader({Routine.PRE_INIT: always(Reply(sp_moved_by=-0x40))})
        host_for(scripted, model(Routine.PRE_INIT)).erase(span(0, 1))
        assert scripted.routines() == [Routine.PRE_INIT, Routine.INIT, Routine.ERASE_SECTOR]
        assert scripted.registers[Register.SP] == STACK_TOP - 0x40

    def test_loader_placed_across_the_end_of_the_address_space_is_refused(self) -> None:
        relocatable = Placement(kind=PlacementKind.RELOCATABLE_IAR, alignment_bytes=4)
        with pytest.raises(RunFailed, match="does not end within the 32-bit address space"):
            host_for(ScriptedLoader(), model(placement=relocatable), loader_offset=0xDFFF_EE00)


class TestRefusals:
    def test_stack_pointer_that_moves(self) -> None:
        scripted = ScriptedLoader({WRITE: always(Reply(sp_moved_by=-8))})
        with pytest.raises(RunFailed, match=f"FlashWriteEntry returned with sp = 0x{STACK_TOP - 8:08x}"):
            host_for(scripted).program(BASE, b"x")

    @pytest.mark.parametrize("missing", ["parameters", "buffer", "break_address"])
    def test_loader_without_a_symbol(self, missing: str) -> None:
        with pytest.raises(RunFailed, match=r"The loader has no .*, without which C-SPY cannot drive it"):
            host_for(ScriptedLoader(), model(iar_interface=scripted_interface(**{missing: None})))

    def test_loader_without_a_stack(self) -> None:
        made = model(iar_interface=scripted_interface(stack=None, stack_pointer=None))
        host = host_for(ScriptedLoader(), made)
        with pytest.raises(RunFailed, match=r"no CSTACK\$\$Limit or __vector_table"):
            host.erase(span(0, 1))

    @pytest.mark.parametrize(
        ("made", "facts", "problem"),
        [
            (loader(Flavour.FLM, segment(Part.CODE, 0, 4)), {}, (RunFailed, "no machine code that C-SPY could drive")),
            (model(device=None), {}, (ConversionRefused, "Nothing says which memory")),
            (model(), {"loader_offset": 0x100}, (RunFailed, "linked for fixed addresses")),
            (model(), {"address_delta": BASE + 0x1000}, (RunFailed, "does not end within the 32-bit address space")),
            (
                model(device=DEVICE.model_copy(update={"page_size_bytes": 0})),
                {},
                (RunFailed, "A page of the memory has no bytes"),
            ),
            (
                model(iar_interface=scripted_interface(buffer=addresses(0x2000_1000, 0x2000_1000))),
                {},
                (RunFailed, "buffer of 0 bytes does not hold"),
            ),
        ],
    )
    def test_what_cannot_be_driven(
        self, made: Loader, facts: dict[str, object], problem: tuple[type[LoaderConvError], str]
    ) -> None:
        kind, message = problem
        with pytest.raises(kind, match=message) as refusal:
            host_for(ScriptedLoader(), made, **facts)
        assert refusal.value.hint

    def test_stack_is_what_the_file_reserves(self) -> None:
        assert host_for(ScriptedLoader()).stack == addresses(STACK_TOP - 0x400, STACK_TOP)
        unknown = model(iar_interface=scripted_interface(stack=None))
        assert host_for(ScriptedLoader(), unknown).stack == addresses(STACK_TOP, STACK_TOP)
