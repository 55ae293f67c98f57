"""The processors that can be emulated."""

from enum import StrEnum


class CpuModel(StrEnum):
    """A Cortex-M core by the name that compilers use for it.

    There are no others to choose from: Unicorn 2.1 models no Cortex-M0+, M23, M55 or M85.
    """

    CORTEX_M0 = "cortex-m0"
    CORTEX_M3 = "cortex-m3"
    CORTEX_M4 = "cortex-m4"
    CORTEX_M7 = "cortex-m7"
    CORTEX_M33 = "cortex-m33"

    @property
    def cpuid(self) -> int:
        """What SCB->CPUID reads: the part number of Arm's technical reference manual, of a common revision."""
        return _CPUID[self]

    def unicorn_constant(self) -> int:
        """Return Unicorn's number for the core, to be given as `cpu=` when the engine is made.

        The mode must then be UC_MODE_THUMB alone: UC_MODE_MCLASS replaces whatever was asked for by a Cortex-M33.
        """
        from unicorn import arm_const  # noqa: PLC0415 - comes with an extra

        constants = {
            CpuModel.CORTEX_M0: arm_const.UC_CPU_ARM_CORTEX_M0,
            CpuModel.CORTEX_M3: arm_const.UC_CPU_ARM_CORTEX_M3,
            CpuModel.CORTEX_M4: arm_const.UC_CPU_ARM_CORTEX_M4,
            CpuModel.CORTEX_M7: arm_const.UC_CPU_ARM_CORTEX_M7,
            CpuModel.CORTEX_M33: arm_const.UC_CPU_ARM_CORTEX_M33,
        }
        return constants[self]


_CPUID = {
    CpuModel.CORTEX_M0: 0x410C_C200,
    CpuModel.CORTEX_M3: 0x412F_C231,
    CpuModel.CORTEX_M4: 0x410F_C241,
    CpuModel.CORTEX_M7: 0x411F_C272,
    CpuModel.CORTEX_M33: 0x410F_D214,
}
