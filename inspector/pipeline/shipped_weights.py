"""The network that answers where nobody names another."""

from __future__ import annotations

from functools import cache

from inspector.files.checkpoints.weights import load_network
from inspector.science.network import Network


@cache
def shipped_network() -> Network:
    """The weights the project ships, read once."""
    return load_network()
