"""What the registry's forms need a calendar for."""

from datetime import date

from portal.forms.occasion import Occasion

WINDOW_END = (6, 30)
"""The annual inspection is open until this day; a parameter of the sample city."""


def window_end(occasion: Occasion) -> str:
    """Return the last day of the inspection window: 30 June of the year after."""
    return date(int(occasion.period) + 1, *WINDOW_END).isoformat()


def late_mark(occasion: Occasion) -> str:
    """Return the mark of a report that comes after the window."""
    return f"逾期 {(occasion.today - date.fromisoformat(window_end(occasion))).days} 天"
