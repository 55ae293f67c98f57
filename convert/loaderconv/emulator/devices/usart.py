"""Serial ports that some loaders print to: what is sent is gone at once, and nothing ever arrives.

Two layouts: RM0090 chapter 30 (STM32F1, F2, F4, L1), and RM0433 chapter 48 (all later ones).
"""

from loaderconv.emulator.devices.register_block import RegisterLayout

_TC, _TXE, _TEACK, _REACK = 1 << 6, 1 << 7, 1 << 21, 1 << 22

USART_V1 = RegisterLayout("USART", always_set={0x00: _TC | _TXE})
USART_V2 = RegisterLayout("USART", always_set={0x1C: _TC | _TXE | _TEACK | _REACK})

COMMON_BASES = (0x4000_4400, 0x4000_4800, 0x4000_4C00, 0x4000_5000)
"""USART2, USART3, UART4 and UART5, on every family that has them."""
