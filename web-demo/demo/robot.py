"""Sees and presses what is on a screen, through the accessibility tree (AT-SPI 2).

Runs under the distribution's own Python, which has GObject introspection, and imports nothing of
the project. One JSON object a line comes in, one goes out: ``{"ok": …}`` or ``{"error": …}``.
"""

import contextlib
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402 -- the version must be named first

Node = Any
"""An ``Atspi.Accessible``; introspected libraries have no static types."""

POLL_S = 0.1
"""A person would not notice; a slow machine gets air between two looks."""

MAX_NODES = 20_000
"""A page has a few thousand; a loop in a broken tree must end."""

ANSWER_MS = 3000
"""How long one application may take over one question while it is busy."""


class NotFoundError(Exception):
    """What was looked for did not come in time."""


def walk(node: Node, budget: list[int]) -> Iterator[Node]:
    """Yield a node and everything below it; what vanishes meanwhile is left out."""
    budget[0] -= 1
    if node is None or budget[0] < 0:
        return
    yield node
    try:
        count = node.get_child_count()
    except GLib.Error:
        return
    for index in range(count):
        try:
            child = node.get_child_at_index(index)
        except GLib.Error:
            continue
        yield from walk(child, budget)


def applications(name: str) -> Iterator[Node]:
    """Yield the running applications of this name."""
    desktop = Atspi.get_desktop(0)
    desktop.clear_cache()
    for index in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(index)
        if application is not None and application.get_name() == name:
            yield application


def nodes(name: str) -> Iterator[Node]:
    """Yield every node of the applications of this name."""
    for application in applications(name):
        yield from walk(application, [MAX_NODES])


def has(node: Node, state: Any) -> bool:  # noqa: ANN401 -- an introspected enumeration
    """Whether a node is in a state."""
    return bool(node.get_state_set().contains(state))


def fits(node: Node, role: str, pattern: re.Pattern[str]) -> bool:
    """Whether a node is the thing of this role and name; it may be below the edge of its page."""
    try:
        return (
            node.get_role_name() == role
            and pattern.search(node.get_name() or "") is not None
            and has(node, Atspi.StateType.VISIBLE)
        )
    except GLib.Error:
        return False


def poll(look: Callable[[], Any], seconds: float, sought: str) -> Any:  # noqa: ANN401 -- passes through
    """Look again and again until something true comes.

    Raises:
        NotFoundError: nothing came in time.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            found = look()
        except GLib.Error:
            found = None
        if found:
            return found
        if time.monotonic() > end:
            raise NotFoundError(sought)
        time.sleep(POLL_S)


def wait(order: dict[str, Any]) -> Node:
    """Return the node an order names, once it is there."""
    pattern = re.compile(order["name"])
    sought = f"{order['role']} “{order['name']}” in {order['app']}"

    def look() -> Node:
        for node in nodes(order["app"]):
            if fits(node, order["role"], pattern):
                return node
        return None

    return poll(look, order["seconds"], sought)


def do_find(order: dict[str, Any]) -> dict[str, Any]:
    """Report a node: its name, its states, where it is."""
    node = wait(order)
    box = node.get_extents(Atspi.CoordType.SCREEN)
    return {
        "name": node.get_name(),
        "text": text_of(node),
        "sensitive": has(node, Atspi.StateType.SENSITIVE),
        "checked": has(node, Atspi.StateType.CHECKED),
        "box": [box.x, box.y, box.width, box.height],
    }


def do_press(order: dict[str, Any]) -> bool:
    """Press a node as soon as it can be pressed; Firefox offers its actions late."""
    node = wait(order)
    sought = f"{order['role']} “{order['name']}” in {order['app']}, ready to be pressed"
    poll(
        lambda: node.get_n_actions() > 0 and has(node, Atspi.StateType.SENSITIVE),
        order["seconds"],
        sought,
    )
    bring_into_view(node)
    return bool(node.do_action(0))


def bring_into_view(node: Node) -> None:
    """Scroll a page so that a node is seen; windows that do not scroll need nothing."""
    with contextlib.suppress(GLib.Error):
        node.scroll_to(Atspi.ScrollType.ANYWHERE)


def do_type(order: dict[str, Any]) -> bool:
    """Put a text into a field."""
    node = wait(order)
    return bool(node.set_text_contents(order["text"]))


def do_texts(order: dict[str, Any]) -> list[str]:
    """Return every visible text of an application, in reading order."""
    found = []
    for node in nodes(order["app"]):
        try:
            if has(node, Atspi.StateType.VISIBLE):
                found += [text for text in (node.get_name(), text_of(node)) if text]
        except GLib.Error:
            continue
    return list(dict.fromkeys(found))


def do_roles(order: dict[str, Any]) -> list[list[str]]:
    """Return role and name of every visible node: for the author of a new journey."""
    found = []
    for node in nodes(order["app"]):
        try:
            if has(node, Atspi.StateType.VISIBLE):
                found.append([node.get_role_name(), node.get_name() or ""])
        except GLib.Error:
            continue
    return found


def do_gone(order: dict[str, Any]) -> bool:
    """Wait until no node fits any more."""
    pattern = re.compile(order["name"])
    return bool(
        poll(
            lambda: not any(fits(node, order["role"], pattern) for node in nodes(order["app"])),
            order["seconds"],
            f"the end of {order['role']} “{order['name']}” in {order['app']}",
        )
    )


def text_of(node: Node) -> str:
    """Return a node's own text, without the places where other nodes stand in it."""
    if "Text" not in node.get_interfaces():
        return ""
    return str(Atspi.Text.get_text(node, 0, -1)).replace("\ufffc", "").strip()


ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "find": do_find,
    "press": do_press,
    "type": do_type,
    "texts": do_texts,
    "roles": do_roles,
    "gone": do_gone,
}


def main() -> None:
    """Carry out one order a line until the lines end."""
    Atspi.set_timeout(ANSWER_MS, ANSWER_MS)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = {"ok": ORDERS[order["do"]](order)}
        except (NotFoundError, GLib.Error) as error:
            answer = {"error": f"{order['do']}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
