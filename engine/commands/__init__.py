"""Words → Plan."""

from engine.commands.grammar import check_plan, parse

__all__ = ["check_plan", "parse"]
