"""STM32CubeProgrammer external loaders (docs/formats/stldr.md)."""
