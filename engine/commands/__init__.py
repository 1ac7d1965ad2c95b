"""Words → Plan."""

from engine.commands.grammar import parse

__all__ = ["parse"]
