"""Files that have a loader's suffix and cannot be one: the reader refuses them, and a rule tells why."""

from dataclasses import dataclass

from loaderconv.lint.subjects.description_file import DescriptionFile
from loaderconv.lint.subjects.subject import RuleSet, Subject
from loaderconv_formats.detection import KINDS_OF_LOADERS
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.file_kind import FileKind
from loaderconv_schemas.host import Host
from loaderconv_schemas.lint_hosts import HOSTS_OF_FLAVOURS
from loaderconv_schemas.loader import Flavour


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
