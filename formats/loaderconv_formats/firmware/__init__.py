"""Firmware to program: .bin, .hex and .elf files as addresses with bytes."""
