"""IAR's variable for the folder in which a pack is installed (docs/formats/iar.md, The .board file)."""

import re

from loaderconv_formats.pack.device_tree import PackIdentity

_PACK_PATH = re.compile(r"CMSIS_PACK_PATH_(?P<vendor>[^#]*)#(?P<name>[^#]*)#(?P<version>[^#]*)", re.IGNORECASE)


def pack_of_variable(variable: str) -> PackIdentity | None:
    """Return the pack for whose folder a variable of IAR stands, None where it is another variable."""
    match = _PACK_PATH.fullmatch(variable)
    return None if match is None else PackIdentity(match["vendor"], match["name"], match["version"])


def variable_of_pack(pack: PackIdentity) -> str:
    """Return the variable of IAR that stands for a pack's folder."""
    return f"CMSIS_PACK_PATH_{pack.vendor}#{pack.name}#{pack.version}"
