"""What the tax bureau's forms need a calendar for."""

from datetime import date, timedelta

from portal.forms.occasion import Occasion, working_day

DUE_DAY = 15
"""A month's return is due on this day of the next month; a parameter of the sample city."""


def declare_by(occasion: Occasion) -> str:
    """Return the last day of the filing period: the 15th after the month, or the Monday after."""
    return _due(occasion).isoformat()


def pay_by(occasion: Occasion) -> str:
    """Return until when the tax is to be paid: the due day, or at once when it has passed."""
    return max(_due(occasion), working_day(occasion.today)).isoformat()


def late_days(occasion: Occasion) -> str:
    """Return how many days after the due day the return is filed."""
    return str(max(0, (occasion.today - _due(occasion)).days))


def _due(occasion: Occasion) -> date:
    # Twenty days from the 15th always reach the next month's first half.
    next_month = date.fromisoformat(f"{occasion.period}-15") + timedelta(days=20)
    return working_day(next_month.replace(day=DUE_DAY))
