"""What the user wants of a conversion from file to file, before there is a name for the output."""

from dataclasses import dataclass, field
from pathlib import Path

from loaderconv.conversion.request import ConversionRequest, ConversionWishes
from loaderconv_formats.file_names import shown
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.plan import VerificationLevel


@dataclass(frozen=True)
class ConversionOptions:
    """How files of one flavour are converted to another.

    Attributes:
        source: the flavour that the input must have.
        target: the flavour of the output.
        name: device name; None: the name of the output.
        wishes: of the loader itself.
        pass_number: the pass of a `.board` that is meant, from 1; None: the only one.
        search: where the files of an IAR loader may lie; its toolkit folder is also what new files refer to.
        verification: how far the output is verified before it is moved into place.
        machine: where source and output are compared, by name; None: the machine that fits the source.
    """

    source: Flavour
    target: Flavour
    name: str | None = None
    wishes: ConversionWishes = field(default_factory=ConversionWishes)
    pass_number: int | None = None
    search: SearchPaths = field(default_factory=SearchPaths)
    verification: VerificationLevel = VerificationLevel.STRUCTURE
    machine: str | None = None

    def request_for(self, output: Path) -> ConversionRequest:
        """Return what is asked of the planner for an output.

        Raises:
            UsageProblem: the name cannot be a device name, or the RAM base is not aligned as hosts assume.
        """
        return ConversionRequest(
            target=self.target,
            file_name=shown(output.name),
            name=output.stem if self.name is None else self.name,
            name_is_given=self.name is not None,
            **vars(self.wishes),
        )
