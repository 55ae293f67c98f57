"""Whichever call of the source fails, the first or any later one, its error arrives at the host."""

from collections.abc import Callable
from itertools import count

import pytest

from loaderconv.conversion.linking.link import link
from loaderconv.conversion.plan import plan_conversion
from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.verification.hollow_source import hollowed
from loaderconv.conversion.verification.simulation import bench_for
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.hosts.cube_programmer import TransferStyle
from loaderconv.hosts.host import Outcome
from loaderconv.simulation.hard_cases import Bench
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour
from support.matrix import FLMS, IARS, RAM, STLDRS, Origin

PAIRS = [
    pytest.param(origin, target, id=f"{origin}-to-{target}")
    for origin in (FLMS[0], FLMS[1], STLDRS[0], IARS[0])
    for target in Flavour
    if target is not origin.source().loader.flavour
]

MOST_CALLS = 60
"""More than any routine is called in the job."""


def jobs(bench: Bench) -> list[Callable[[], Outcome]]:
    """Return operations that call each routine several times: two sectors, pages of both, everything once more."""
    host = bench.host
    base, page = host.device.base_address, host.device.page_size_bytes
    data = bytes(range(256)) * (2 * page // 256)
    covered = AddressRange(start=base + 0x3000, size_bytes=0x2000)
    return [
        lambda: host.erase(covered),
        lambda: host.program(base + 0x4000 - page, data),
        lambda: host.verify(base + 0x4000 - page, data),
        lambda: host.read(AddressRange(start=base + 0x4000 - page, size_bytes=2 * page)),
        lambda: host.erase(covered),
        host.erase_all,
    ]


@pytest.mark.parametrize(("origin", "target"), PAIRS)
def test_every_call_may_fail(origin: Origin, target: Flavour) -> None:
    request = ConversionRequest(target=target, file_name="x", name="x", given_ram=RAM)
    planned = plan_conversion(origin.source(), request)
    loader = hollowed(planned, link(planned).loader)
    failed: dict[str, int] = {}
    for routine in bench_for(planned, loader, CpuModel.CORTEX_M0, TransferStyle()).routines:
        for number in count():
            assert number < MOST_CALLS
            bench = bench_for(planned, loader, CpuModel.CORTEX_M0, TransferStyle())
            bench.stand_in.fail_next(routine, skipping=number)
            for job in jobs(bench):
                outcome = job()
                if bench.stand_in.has_failed():
                    assert not outcome.succeeded, f"call {number + 1} of {routine}: {outcome.detail}"
                    break
                assert outcome.succeeded, f"before call {number + 1} of {routine}: {outcome.detail}"
            if not bench.stand_in.has_failed():
                failed[routine] = number
                break
    assert all(failed.values()), failed
    assert max(failed.values()) > 1
