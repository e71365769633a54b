"""The files that come with the package: the only files that the core reads."""

from __future__ import annotations

__all__ = ["read_bytes"]


def read_bytes(name: str) -> bytes:
    """Return a file of the package's own data.

    >>> read_bytes("csp-markets.csv").splitlines()[0]
    b'country,region,listed_as,currency'
    """
    from importlib.resources import files  # on first use: most of what importing the package would cost

    return files("csp_transfer").joinpath("data", name).read_bytes()
