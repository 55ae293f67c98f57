"""ELF32 for Arm: a document that loses nothing, its reader, its deterministic writer, and LIEF as second opinion."""
