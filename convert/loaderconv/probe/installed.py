"""Whether pyOCD is there at all."""

from importlib.util import find_spec

from loaderconv_schemas.errors import UsageProblem


def require_pyocd() -> None:
    """Raise UsageProblem where pyOCD is not installed."""
    if find_spec("pyocd") is None:
        raise UsageProblem(
            "Debug probes need the Python package pyocd, which is not installed.",
            hint='Install it with pip install "loaderconv[probe]".',
        )
