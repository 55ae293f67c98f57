"""Loader files: bytes to documents to the common model, and back. One sub-package per flavour, one for ELF."""
