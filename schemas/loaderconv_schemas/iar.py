"""What only IAR loaders have: the block through which C-SPY talks to them, and the settings of a `.flash` file."""

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.base import Address, Model
from loaderconv_schemas.entry_point import EntryPoint, Routine


class ArgumentBlock(Model):
    """Where C-SPY puts a loader's arguments (docs/formats/iar.md, Symbols).

    Attributes:
        count_address: `__argc`, one word.
        vector: `__argv`, one pointer an argument.
        text: `__argvbuf`, the strings with their NULs.
    """

    count_address: Address
    vector: AddressRange
    text: AddressRange

    @property
    def max_count(self) -> int:
        """How many arguments fit."""
        return self.vector.size_bytes // 4


class IarInterface(Model):
    """The addresses through which C-SPY drives a framework 2 loader.

    None: there is no such symbol, or what it names goes beyond 32 bits.

    Attributes:
        parameters: `theFlashParams`, five words in, result out.
        buffer: [FlashBufferStart, FlashBufferEnd), where the host puts data; the Thumb bit of the symbols is masked.
        break_address: `FlashBreak`, where a call ends.
        stack: [CSTACK$$Base, CSTACK$$Limit).
        stack_pointer: first value of sp: CSTACK$$Limit, else word 0 of the vector table, else RamBottom$$Limit.
        vector_table: `__vector_table`.
        arguments: None where the loader takes none.
        framework_version: `frameworkVersion`, 200 in every surveyed file that has it.
        framework_version_address: where its two bytes are.
        c_layer: the functions behind the stubs, which take their arguments in registers.
        init_table: the linker's table of data to initialise (`Region$$Table`), None where it is empty; C-SPY runs no C
            start-up, so the loader has to work it off itself.
    """

    parameters: AddressRange | None
    buffer: AddressRange | None
    break_address: Address | None
    stack: AddressRange | None
    stack_pointer: Address | None
    vector_table: Address | None
    arguments: ArgumentBlock | None
    framework_version: int | None
    framework_version_address: Address | None = None
    c_layer: tuple[EntryPoint, ...]
    init_table: AddressRange | None

    @property
    def init_lies_in_buffer(self) -> bool:
        """FlashInit is overwritten by the first data, so that it can run only once for each download."""
        init = next((entry for entry in self.c_layer if entry.routine is Routine.INIT), None)
        return init is not None and self.buffer is not None and init.address in self.buffer


class IarSettings(Model):
    """What a `.flash` file says beyond the geometry (docs/formats/iar.md, The .flash file).

    Attributes:
        executable: `exe` as spelled.
        macro: `macro` as spelled, None where absent.
        aggregate: several blocks may share one transfer.
        online: `online`; it goes with on-chip flash that takes flash breakpoints.
        arguments: default arguments, one a line.
        arguments_doc: text for the user, None where absent.
        relocatable: `relocatable_exe`.
    """

    executable: str
    macro: str | None = None
    aggregate: bool = False
    online: bool = False
    arguments: tuple[str, ...] = ()
    arguments_doc: str | None = None
    relocatable: bool = False

    @property
    def is_macro_loader(self) -> bool:
        """The loader is a set of C-SPY macros; there is no machine code."""
        return self.executable.upper() == "MACRO"


class IgnoredRange(Model):
    """Addresses of an image that no pass shall program (`ignore`).

    Attributes:
        kind: first word, such as CODE or DATA_Z.
        range: addresses, in the image's numbers.
    """

    kind: str
    range: AddressRange
