"""OCTOSPI of STM32L4+, L5, U5, H5, H72x/H7Ax, and XSPI of H7R/S and N6.

Sources: RM0432, RM0468, RM0456, chapters "Octo-SPI interface", and RM0477, "Extended-SPI interface", registers.
"""

from loaderconv.emulator.devices.serial_controller import ControllerLayout, FunctionalMode, SerialController
from loaderconv.emulator.devices.serial_nor_frame import Frame

CR, DCR1, DCR2, DCR3, DCR4, SR, FCR = 0x000, 0x008, 0x00C, 0x010, 0x014, 0x020, 0x024
DLR, AR, DR, PSMKR, PSMAR, PIR = 0x040, 0x048, 0x050, 0x080, 0x088, 0x090
CCR, TCR, IR, ABR, LPTR = 0x100, 0x108, 0x110, 0x120, 0x130
WPCCR, WPTCR, WPIR, WPABR = 0x140, 0x148, 0x150, 0x160
WCCR, WTCR, WIR, WABR, HLCR = 0x180, 0x188, 0x190, 0x1A0, 0x200
CALFCR, CALMR, CALSOR, CALSIR = 0x210, 0x218, 0x220, 0x228

_KNOWN = frozenset(
    (
        CR,
        DCR1,
        DCR2,
        DCR3,
        DCR4,
        SR,
        FCR,
        DLR,
        AR,
        DR,
        PSMKR,
        PSMAR,
        PIR,
        CCR,
        TCR,
        IR,
        ABR,
        LPTR,
        WPCCR,
        WPTCR,
        WPIR,
        WPABR,
    )
).union((WCCR, WTCR, WIR, WABR, HLCR, CALFCR, CALMR, CALSOR, CALSIR))

LINES = (0, 1, 2, 4, 8, 8, 8, 8)
"""By IMODE, ADMODE, DMODE; 5 is 16 lines on XSPI, on which no NOR is."""
QUAD_READ_CCR = 3 << 24 | 1 << 8 | 1
QUAD_READ_DUMMY_CYCLES = 8
QUAD_READ = 0x6B
QUAD_READ_FOUR_BYTE = 0x6C
MAPPED = 3 << 28


class Octospi(SerialController):
    """The controller; SerialController says what it does."""

    layout = ControllerLayout(
        name="OCTOSPI",
        control=CR,
        size=DCR1,
        status=SR,
        clear=FCR,
        length=DLR,
        instruction=IR,
        address=AR,
        data=DR,
        mask=PSMKR,
        match=PSMAR,
        known=_KNOWN,
        threshold_mask=0x3F,
    )

    @property
    def _mode(self) -> FunctionalMode:
        return FunctionalMode(self._registers[CR] >> 28 & 3)

    @property
    def _has_address(self) -> bool:
        return bool(self._registers[CCR] >> 8 & 7)

    @property
    def _has_data(self) -> bool:
        return bool(self._registers[CCR] >> 24 & 7)

    def _frame(self, address: int | None) -> Frame:
        setup = self._registers[CCR]
        opcode_lines, alternate_lines = LINES[setup & 7], LINES[setup >> 16 & 7]
        opcode_bytes = (setup >> 4 & 3) + 1
        alternate_bytes = (setup >> 20 & 3) + 1 if alternate_lines else 0
        return Frame(
            opcode=self._registers[IR] & (1 << 8 * opcode_bytes) - 1 if opcode_lines else None,
            opcode_lines=opcode_lines,
            opcode_bytes=opcode_bytes,
            is_opcode_ddr=bool(setup >> 3 & 1),
            address=address,
            address_bytes=(setup >> 12 & 3) + 1,
            alternate=self._registers[ABR].to_bytes(4, "big")[4 - alternate_bytes :],
            dummy_cycles=self._registers[TCR] & 0x1F,
            data_lines=LINES[setup >> 24 & 7],
        )

    def _mapped_setup(self, size_field: int) -> dict[int, int]:
        is_large = size_field >= 24
        return {
            CR: 1 | MAPPED,
            DCR1: size_field << 16,
            CCR: QUAD_READ_CCR | (3 if is_large else 2) << 12,
            TCR: QUAD_READ_DUMMY_CYCLES,
            IR: QUAD_READ_FOUR_BYTE if is_large else QUAD_READ,
        }
