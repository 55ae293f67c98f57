"""Files that have a loader's suffix and cannot be one: the reader refuses them, and a rule tells why."""

import struct
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from loaderconv.lint.subjects.description_file import DescriptionFile
from loaderconv.lint.subjects.subject import RuleSet, Subject
from loaderconv_formats.detection import KINDS_OF_LOADERS
from loaderconv_formats.elf import constants as c
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.host import Host
from loaderconv_schemas.lint import Place, PlaceKind
from loaderconv_schemas.lint_hosts import HOSTS_OF_FLAVOURS
from loaderconv_schemas.loader import Flavour

_BIG_ENDIAN = 2


class IdentityField(Enum):
    """The fields of an ELF header that say for what a file is. The values are offset and size in bytes."""

    EI_CLASS = (4, 1)
    EI_DATA = (5, 1)
    e_type = (16, 2)
    e_machine = (18, 2)


@dataclass(eq=False)
class UnfitProgram(Subject):
    """An ELF file of another class, byte order, machine or type than loaders have.

    Attributes:
        data: the file.
        problem: what the reader says.
        flavour: what the suffix promises.
    """

    data: bytes
    problem: LoaderConvError
    flavour: Flavour

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return f"named as {KINDS_OF_LOADERS[self.flavour]}"

    @property
    def rule_set(self) -> RuleSet:
        """The rules that may look at it."""
        return RuleSet(self.flavour)

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts for which it is, as far as its content and its name tell."""
        return HOSTS_OF_FLAVOURS[self.flavour]

    def identity(self, field: IdentityField) -> int:
        """Return a field of the ELF header, in the file's own byte order."""
        order = ">" if self.data[IdentityField.EI_DATA.value[0]] == _BIG_ENDIAN else "<"
        offset, size = field.value
        return int(struct.unpack_from(order + ("B" if size == 1 else "H"), self.data, offset)[0])

    @cached_property
    def wrong_field(self) -> IdentityField | None:
        """The field because of which the file is no loader: the first that is wrong, in the reader's order."""
        right = {
            IdentityField.EI_CLASS: c.ELFCLASS32,
            IdentityField.EI_DATA: c.ELFDATA2LSB,
            IdentityField.e_machine: c.EM_ARM,
            IdentityField.e_type: c.ET_EXEC,
        }
        return next((field for field, value in right.items() if self.identity(field) != value), None)

    @property
    def machine_name(self) -> str:
        """For which processor the file says that it is, with its number."""
        machine = self.identity(IdentityField.e_machine)
        return f"{c.MACHINE_NAMES.get(machine, 'another processor')} (e_machine {machine})"

    @property
    def at_wrong_field(self) -> Place:
        """Where `wrong_field` stands."""
        field = self.wrong_field
        if field is None:
            return self.whole
        return Place(kind=PlaceKind.FIELD, name=field.name, offset_bytes=field.value[0], size_bytes=field.value[1])


class UnfitStldr(UnfitProgram):
    """One named `.stldr`."""


class UnfitFlm(UnfitProgram):
    """One named `.FLM`."""


class UnfitIarProgram(UnfitProgram):
    """One named `.out` that holds the name of IAR's parameter block."""


UNFIT = {Flavour.STLDR: UnfitStldr, Flavour.FLM: UnfitFlm, Flavour.IAR: UnfitIarProgram}
"""Which class stands for which flavour."""


@dataclass(eq=False)
class UnfitDescription(DescriptionFile):
    """A `.flash` or `.board` file that cannot be read as XML.

    Attributes:
        data: the file.
        problem: what the reader says.
        promised: what the suffix promises.
    """

    data: bytes
    problem: LoaderConvError
    promised: FileKind

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return f"named as {self.promised}"
