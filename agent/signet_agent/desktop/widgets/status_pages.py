"""The pages of the status window: overview, certificates, sites, records."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from signet_agent.channel.desktop_messages import AgentView, RecentAct, RefusedSite, SiteLine
from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.icons import Tile
from signet_agent.desktop.widgets.labels import Link, Step, column, holder, label, row
from signet_agent.desktop.widgets.notices import Note
from signet_agent.desktop.widgets.status_parts import (
    chip,
    chips,
    empty,
    local_time,
    section,
    stacked,
    table,
)
from signet_agent.desktop.widgets.token_card import soonest_expiry, token_card

SECTIONS = {
    "overview": "home",
    "certificates": "usb-key",
    "sites": "globe",
    "records": "list",
}
"""Sections by name, each with its icon."""

_SHOWN = 5
"""Lines of sites and records on the overview; the rest has a page of its own."""

_STATES = {
    "idle": ("calm", "information"),
    "token": ("ok", "tick"),
    "waiting": ("act", "clock"),
    "paused": ("look", "pause"),
    "trouble": ("stop", "warning"),
}

_OUTCOME_KEYS = {
    "user.refused": ("outcome.refused", "calm"),
    "user.pin_incorrect": ("outcome.refused", "calm"),
    "user.timeout": ("outcome.timeout", "calm"),
    "page.cancelled": ("outcome.cancelled", "calm"),
    "unknown": ("outcome.unknown", "look"),
}
"""Outcomes by the log's word; ``done`` is named by what was done, all else is not completed."""

Go = Callable[[str], None]
"""Opens another section."""


class StatusPages:
    """Makes the pages of one view of the agent."""

    def __init__(self, look: Look, view: AgentView, go: Go, switch: Step | None) -> None:
        """Take the view, the way to other sections, and the button that pauses or resumes."""
        self._look, self._view = look, view
        self._go, self._switch = go, switch

    def make(self, name: str) -> QWidget:
        """Return the page of a section."""
        makers = {
            "overview": self._overview,
            "certificates": self._certificates,
            "sites": self._sites,
            "records": self._records,
        }
        title = label(self._look.texts(f"page.{name}"), "pageTitle")
        return holder(column(title, *makers[name](), None, spacing=20, margins=(28, 24, 28, 28)))

    def _overview(self) -> list[QWidget]:
        texts, view = self._look.texts, self._view
        parts: list[QWidget] = [self._banner()]
        days = soonest_expiry(view.tokens)
        if days is not None:
            heading = texts.count("status.expires", days)
            parts.append(Note(self._look, "look", "clock", heading, texts("status.expires.more")))
        certificates = self._link("certificates", "status.all.certificates", len(view.tokens))
        sites = self._link("sites", "status.all.sites", len(view.sites))
        records = self._link("records", "status.all.records", len(view.recent))
        few_sites, few_records = view.sites[:_SHOWN], view.recent[:_SHOWN]
        return [
            *parts,
            stacked(section(texts("page.certificates"), certificates), self._cards(full=False)),
            stacked(section(texts("page.sites"), sites), self._site_table(few_sites)),
            stacked(section(texts("status.recent"), records), self._record_table(few_records)),
        ]

    def _certificates(self) -> list[QWidget]:
        return [self._cards(full=True)]

    def _sites(self) -> list[QWidget]:
        texts = self._look.texts
        refused = section(texts("status.refused"))
        return [
            self._site_table(self._view.sites),
            stacked(refused, self._refused_table(self._view.refused)),
        ]

    def _records(self) -> list[QWidget]:
        return [self._record_table(self._view.recent)]

    def _link(self, name: str, key: str, count: int) -> Link | None:
        """Return the way to all of something, where there is anything."""
        if not count:
            return None
        link = Link(self._look.texts.count(key, count))
        link.clicked.connect(lambda: self._go(name))
        return link

    def _banner(self) -> Note:
        """Say how the agent is, and offer to pause or resume it."""
        tone, icon = _STATES[self._view.state]
        note = Note(self._look, tone, icon, self._view.sentence)
        if self._switch is not None:
            note.add(self._switch)
        return note

    def _cards(self, *, full: bool) -> QWidget:
        """Put the tokens side by side, or say that there is none."""
        texts, tokens = self._look.texts, self._view.tokens
        if not tokens:
            more = texts("status.no_tokens.more")
            return Note(self._look, "calm", "usb-key", texts("status.no_tokens"), more)
        columns = 1 if full else 2
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(16)
        for place, token in enumerate(tokens):
            card = token_card(self._look, token, full=full)
            grid.addWidget(card, place // columns, place % columns)
        for place in range(columns):
            grid.setColumnStretch(place, 1)
        return holder(grid)

    def _site_table(self, sites: tuple[SiteLine, ...]) -> QWidget:
        texts = self._look.texts
        if not sites:
            return empty(texts("status.no_sites"))
        lines = [
            (
                self._site_name(site),
                label(site.origin, "origin"),
                chips([texts(f"does.{operation}") for operation in site.operations]),
            )
            for site in sites
        ]
        titles = [texts(f"column.{name}") for name in ("name", "origin", "allowed")]
        return table(titles, lines, stretch=1)

    def _site_name(self, site: SiteLine) -> QWidget:
        tile = Tile(self._look, site.mark, size=26)
        return holder(row(tile, label(site.name, "strong"), None, spacing=10))

    def _refused_table(self, sites: tuple[RefusedSite, ...]) -> QWidget:
        texts = self._look.texts
        if not sites:
            return empty(texts("status.no_refused"))
        lines = [
            (label(site.origin, "origin"), str(site.count), local_time(site.last_at))
            for site in sites
        ]
        titles = [texts(f"column.{name}") for name in ("origin", "count", "last")]
        listed = table(titles, lines, stretch=0)
        return stacked(empty(texts("status.refused.more")), listed)

    def _record_table(self, acts: tuple[RecentAct, ...]) -> QWidget:
        texts = self._look.texts
        if not acts:
            return empty(texts("status.no_records"))
        names = ("time", "what", "site", "certificate", "outcome")
        titles = [texts(f"column.{name}") for name in names]
        return table(titles, [self._record_line(act) for act in acts], stretch=1)

    def _record_line(self, act: RecentAct) -> tuple[QWidget | str, ...]:
        texts = self._look.texts
        what = label(act.title or texts(f"does.{act.operation}"), "strong")
        what.setTextFormat(Qt.TextFormat.PlainText)
        tail = texts("tail", tail=act.tail) if act.tail else ""
        outcome = outcome_chip(act)
        return local_time(act.at), what, act.site, tail, chip(texts(outcome[0]), outcome[1])


def outcome_chip(act: RecentAct) -> tuple[str, str]:
    """Return the sentence's id and the tone for how an act ended."""
    if act.outcome == "done":
        return f"outcome.{act.operation}", "ok"
    return _OUTCOME_KEYS.get(act.outcome, ("outcome.stopped", "calm"))
