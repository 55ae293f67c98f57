"""Which emulated core a loader runs on, as far as its file tells."""

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv_schemas.loader import Architecture, Identity

_CORES = {
    Architecture.V6_M: CpuModel.CORTEX_M0,
    Architecture.V7_M: CpuModel.CORTEX_M3,
    Architecture.V7E_M: CpuModel.CORTEX_M4,
    Architecture.V8_M_BASELINE: CpuModel.CORTEX_M33,
    Architecture.V8_M_MAINLINE: CpuModel.CORTEX_M33,
    Architecture.V8_1_M_MAINLINE: CpuModel.CORTEX_M33,
}


def core_of(identity: Identity) -> CpuModel:
    """Return the core for which a loader was built; a Cortex-M4 where nothing tells."""
    if (identity.cpu or "").startswith("Cortex-M7"):
        return CpuModel.CORTEX_M7
    if identity.architecture is None:
        return CpuModel.CORTEX_M4
    return _CORES.get(identity.architecture, CpuModel.CORTEX_M4)
