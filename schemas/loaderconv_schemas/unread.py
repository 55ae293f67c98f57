"""Files that a command was to read and could not."""

from loaderconv_schemas.base import Model
from loaderconv_schemas.errors import ExitCode


class UnreadFile(Model):
    """A file that was named and could not be read.

    Attributes:
        path: as the user named it.
        message: one sentence with the fact.
        hint: the next step.
        exit_code: what the command would end with for this file alone.
    """

    path: str
    message: str
    hint: str
    exit_code: ExitCode
