"""What a user says about where the files of a loader lie."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

TOOLKIT_DIR = "TOOLKIT_DIR"
"""Variable for the folder of the target's tools in an IAR installation."""


@dataclass(frozen=True)
class SearchPaths:
    """Folders in which names may be looked up.

    Attributes:
        roots: folders that the user named; files in and below them may be read. None: the folder of the naming file.
        toolkit_dir: value of `$TOOLKIT_DIR$`; it wins over a variable of that name.
        variables: values of other variables, by name without dollars and braces.
        follow: names may lead out of these folders.
    """

    roots: tuple[Path, ...] = ()
    toolkit_dir: Path | None = None
    variables: Mapping[str, Path] = field(default_factory=dict)
    follow: bool = False

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every folder named here."""
        toolkit = () if self.toolkit_dir is None else (self.toolkit_dir,)
        return (*self.roots, *toolkit, *self.variables.values())

    def value_of(self, variable: str) -> Path | None:
        """Return the folder for which a variable stands, whatever the case of its name; None where none is given."""
        wanted = variable.casefold()
        if self.toolkit_dir is not None and wanted == TOOLKIT_DIR.casefold():
            return self.toolkit_dir
        return next((value for name, value in self.variables.items() if name.casefold() == wanted), None)


def option_for(variable: str) -> str:
    """Return the option of the command line that gives a variable its value."""
    if variable.casefold() == TOOLKIT_DIR.casefold():
        return "--toolkit-dir DIR"
    return f"--define {variable}=PATH"
