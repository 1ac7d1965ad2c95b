"""How the plan says numbers and lists in its sentences."""

from __future__ import annotations

__all__ = ["FROM", "by_amount", "listed", "more_or_less", "per_cent", "text_height"]


def by_amount(amount: float | None) -> str:
    return "" if amount is None else f" by {per_cent(amount)}"


def per_cent(fraction: float) -> str:
    return f"{fraction * 100:.3g} %"


def more_or_less(more: str, less: str, by: float) -> str:
    return f"{more if by > 0 else less} by {per_cent(abs(by))}"


def text_height(size: int | float) -> str:
    return f"{size} px high" if isinstance(size, int) else f"{per_cent(size)} of the height"


def listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


# Where light comes from, as it is said after “lit from”.
FROM = {
    "front": "the front",
    "left": "the left",
    "right": "the right",
    "above left": "the upper left",
    "above right": "the upper right",
    "below left": "the lower left",
    "below right": "the lower right",
}
