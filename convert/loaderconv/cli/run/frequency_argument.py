"""Parses `--frequency 4M`."""

import re

from loaderconv_schemas.errors import UsageProblem

_PATTERN = re.compile(r"([1-9][0-9]{0,8})(?:\.([0-9]{1,6}))? *(k|m)?(?:hz)?", re.IGNORECASE)
_DIGITS = {None: 0, "k": 3, "m": 6}
_HINT = "Write the frequency of the wire in Hz, for instance 4M, 1.8MHz, 500k or 100000."


def parse_frequency(text: str) -> int:
    """Return Hz for `4M`, `1.8MHz`, `500k` or `100000`; k and M are 1000 and 1000 squared.

    Raises:
        UsageProblem: not of that form, or with more digits than there are Hz.
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise UsageProblem(f"--frequency {text!r} is no frequency.", hint=_HINT)
    whole, fraction, unit = match.groups()
    digits: int = _DIGITS[unit and unit.lower()]
    fraction = fraction or ""
    if len(fraction.rstrip("0")) > digits:
        raise UsageProblem(f"--frequency {text!r} is no whole number of Hz.", hint=_HINT)
    return int(f"{whole}{fraction.rstrip('0').ljust(digits, '0')}")
