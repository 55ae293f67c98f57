"""What a conversion costs the target: instructions, stack, RAM. Counted, not timed."""

import pytest

from loaderconv.conversion.source import source_of
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.nvmc import Nvmc
from loaderconv.emulator.devices.nvmc_variants import NRF52832
from loaderconv.hosts.cube_programmer import TransferStyle
from loaderconv.shims.blob import MAX_STACK_BYTES
from loaderconv_formats.loader_file import read_loader_file
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour
from support.cost import instructions_for_64_kib
from support.matrix import FLMS, IARS, STLDRS, Origin, converted, machine, source_host
from support.paths import corpus_flm
from support.strict import pattern

RAM = AddressRange(start=0x2000_0000, size_bytes=0x8000)
WHOLE_PAGES = TransferStyle(chunk_bytes=0x4000)
"""As uVision and C-SPY pass them. Of a page in two pieces the FLM programs the first once more."""

PAIRS = [
    *((origin, target) for origin in FLMS for target in (Flavour.STLDR, Flavour.IAR)),
    *((origin, target) for origin in STLDRS for target in (Flavour.FLM, Flavour.IAR)),
    *((origin, target) for origin in IARS for target in (Flavour.FLM, Flavour.STLDR)),
]


@pytest.mark.corpus
@pytest.mark.parametrize("target", [Flavour.STLDR, Flavour.IAR])
def test_a_real_flm_executes_at_most_2_percent_more(target: Flavour) -> None:
    source = source_of(read_loader_file(corpus_flm("nrf52xxx.flm")), "nrf52xxx.flm")
    core = UnicornCore(CpuModel.CORTEX_M4, ram=[RAM], peripherals=[Nvmc(NRF52832)])
    before = instructions_for_64_kib(source_host(source, core, RAM))
    result = converted(
        source, target, [Nvmc(NRF52832)], CpuModel.CORTEX_M4, rams=[RAM], style=WHOLE_PAGES, given_ram=RAM
    )
    after = instructions_for_64_kib(result.host)
    assert after / before <= 1.02, f"{before} before, {after} after"


@pytest.mark.parametrize(("origin", "target"), [pytest.param(*pair, id=f"{pair[0]}-to-{pair[1]}") for pair in PAIRS])
def test_the_shim_takes_no_more_of_a_stack_than_it_says(origin: Origin, target: Flavour) -> None:
    """Measured at the calls into a source that runs on its host's stack, and by what was touched of any other."""
    result, _ = machine(origin, target)
    host, base = result.host, result.host.device.base_address
    assert host.erase(AddressRange(start=base, size_bytes=0x2000)).succeeded
    assert host.program(base + host.device.page_size_bytes, pattern(0x1001)).succeeded
    assert host.verify(base + host.device.page_size_bytes, pattern(0x1001)).succeeded
    stack = host.stack
    if result.planned.parts.stack is None:
        assert 0 < stack.end - result.lowest_sp <= MAX_STACK_BYTES
    else:
        used = stack.size_bytes - result.core.untouched_bytes(
            AddressRange(start=stack.start & ~3, size_bytes=stack.size_bytes)
        )
        assert 0 < used <= MAX_STACK_BYTES


@pytest.mark.parametrize(("origin", "target"), [pytest.param(*pair, id=f"{pair[0]}-to-{pair[1]}") for pair in PAIRS])
def test_ram_is_that_of_the_source_the_shim_and_a_page(origin: Origin, target: Flavour) -> None:
    """What comes on top of the source: shim, parameters, one page, and once more its bytes where they are installed."""
    planned = converted(origin, target, []).planned
    layout = planned.layout
    shim = layout.shim.size_bytes + layout.table.size_bytes
    assert layout.shim.size_bytes < 1536
    assert layout.table.size_bytes < 256
    own = layout.page_buffer.end - layout.shim.start
    source = sum(piece.size_bytes for piece in planned.parts.pieces)
    assert own <= shim + layout.page_buffer.size_bytes + source + 64
    carried = sum(len(piece.data) for piece, address in layout.carried if address != layout.moved(piece.address))
    assert carried <= sum(len(piece.data) for piece in planned.parts.pieces)
