"""Reads, checks and converts flash loaders between STM32CubeProgrammer, Keil and IAR, and proves that they behave."""

__version__ = "0.1.0"
