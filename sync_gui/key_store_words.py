"""What people read when the system's key store does not serve."""

from __future__ import annotations


def no_store_words(reason: str) -> str:
    """That the key store cannot be used, with the technical ``reason``."""
    return (
        "Der Schlüsselspeicher des Systems ist nicht erreichbar, gesperrt oder nicht "
        f"eingerichtet.\nTechnischer Grund: {reason}"
    )
