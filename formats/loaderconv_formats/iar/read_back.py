"""Reads what a writer made, so that nothing is written that would mean something else."""

from collections.abc import Callable
from typing import TypeVar

from loaderconv_formats.xml.document import XmlDocument, parse_xml
from loaderconv_schemas.base import Model
from loaderconv_schemas.errors import ConversionRefused, UnreadableInput

Meaning = TypeVar("Meaning")


def read_back(data: bytes, read: Callable[[XmlDocument], Meaning]) -> Meaning:
    """Return the meaning of a file just written.

    Raises:
        ConversionRefused: it cannot be read.
    """
    try:
        return read(parse_xml(data))
    except UnreadableInput as problem:
        raise ConversionRefused(
            f"The file would be of no use: {problem.message}", hint="Change the value that the message names."
        ) from problem


def refuse_difference(wanted: Model, written: Model, *fields: str) -> None:
    """Raise ConversionRefused where one of the fields did not come back as it was."""
    for field in fields:
        if getattr(wanted, field) != getattr(written, field):
            raise ConversionRefused(
                f"This file format cannot hold the value of {field}.",
                hint="Texts may not begin or end with blanks, arguments have one line each and are not empty, and a "
                "device is as long as its sectors.",
            )
