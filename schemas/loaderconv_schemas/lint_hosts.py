"""Which hosts are for which loaders, and what they make of a defect."""

from loaderconv_schemas.base import Model
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.loader import Flavour

HOSTS_OF_FLAVOURS = {
    Flavour.STLDR: (Host.CUBE_PROGRAMMER, Host.ST_OPENOCD),
    Flavour.FLM: (Host.UVISION, Host.PYOCD, Host.PROBE_RS, Host.JLINK),
    Flavour.IAR: (Host.C_SPY,),
}
"""Which hosts take which files."""


class HostEffect(Model):
    """What one finding does to one host.

    Attributes:
        host: the tool.
        verdict: a loss, such as an operation that fails or data that is missing, or a rejection.
    """

    host: Host
    verdict: Verdict


class HostVerdict(Model):
    """What a host makes of a file, all findings together.

    Attributes:
        host: the tool.
        verdict: the worst that a finding does to it.
        rules: ids of the rules whose findings lead there, sorted; empty where it is accepted.
    """

    host: Host
    verdict: Verdict
    rules: tuple[str, ...]
