"""Names that IAR files have for each other: what is spelled, and which file that is on this machine."""
