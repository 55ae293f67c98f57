"""Parses `--relocate BASE`."""

import re

from loaderconv_schemas.errors import UsageProblem

_PATTERN = re.compile(r"0[xX]([0-9a-fA-F]{1,8})")
_ALIGNMENT = 0x100


def parse_base(text: str) -> int:
    """Return the address to which an image is moved; as for --ram, it needs its 0x.

    Raises:
        UsageProblem: no hexadecimal address of 32 bits, or no multiple of 256, at which code that is aligned stays so.
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise UsageProblem(
            f"--relocate {text!a} is no address.", hint="Write it in hexadecimal, for instance 0x20010000."
        )
    base = int(match[1], 16)
    if base % _ALIGNMENT:
        raise UsageProblem(
            f"--relocate 0x{base:08x} is not a multiple of 0x{_ALIGNMENT:x}.",
            hint="The image keeps its distance to such an address; give the one below the place that is meant.",
        )
    return base
