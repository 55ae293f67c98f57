"""Shims that let a host of one flavour drive a loader of another.

The C sources are in `source/`, the built blobs in `blobs/`; `python -m loaderconv.shims.build` makes the one from the
other and `--check` compares. Users need no compiler.
"""
