"""What the tray's menu offers, apart from any toolkit: lines, and what a click means."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from signet_agent.channel.desktop_messages import AgentView, RecentAct
from signet_agent.desktop.texts import Texts

Action = Literal["pause", "resume", "quit", "status"]

_SHOWN = 8
"""Lines in a submenu; the status window has the rest."""


class Line(Struct, frozen=True):
    """One line of a menu; without an action it only tells, with ``below`` it opens a submenu."""

    text: str
    action: Action | None = None
    below: tuple["Line", ...] = ()


SEPARATOR = Line("")


def menu_lines(view: AgentView) -> tuple[Line, ...]:
    """Return the menu for a view: state, what was signed, sites, window, pause, quit."""
    texts = Texts(view.language)
    recent = [_act(act, texts) for act in view.recent[:_SHOWN]]
    sites = [Line(f"{site.name}  {site.origin}", "status") for site in view.sites[:_SHOWN]]
    return (
        Line(view.sentence),
        SEPARATOR,
        Line(texts("tray.recent"), below=_some(recent, texts)),
        Line(texts("tray.sites"), below=_some(sites, texts)),
        SEPARATOR,
        Line(texts("tray.open"), "status"),
        *_switch(view, texts),
        SEPARATOR,
        Line(texts("tray.quit"), "quit"),
    )


def _switch(view: AgentView, texts: Texts) -> tuple[Line, ...]:
    """Return the line that pauses or resumes; in trouble there is nothing to pause."""
    if view.state == "trouble":
        return ()
    action: Action = "resume" if view.state == "paused" else "pause"
    return (Line(texts(f"tray.{action}"), action),)


def _act(act: RecentAct, texts: Texts) -> Line:
    at = datetime.fromtimestamp(act.at).astimezone()
    what = act.title or texts(f"does.{act.operation}")
    ended = f"outcome.{act.operation}" if act.outcome == "done" else "outcome.stopped"
    return Line(f"{at:%m-%d %H:%M}  {what} · {act.site} · {texts(ended)}", "status")


def _some(lines: Sequence[Line], texts: Texts) -> tuple[Line, ...]:
    return tuple(lines) or (Line(texts("tray.none")),)
