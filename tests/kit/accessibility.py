"""The robot's hand: reads and presses what is on a screen through the accessibility bus (AT-SPI).

Runs under the distribution's own interpreter, which has ``gi``, and knows nothing of the project.
One JSON object per line comes in on stdin with a ``do``, one goes out on stdout; what was found
is named by a number in later lines. ``robot.py`` is its other half.
"""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402 -- the version must be chosen first

Answer = dict[str, Any]

MAX_NODES = 4000
"""No window of ours has as many parts; a tree that runs in a circle ends here."""

HEARING_MS = 200
"""How long to listen for what is still on its way."""

_found: list[Any] = []
"""What was found, by number."""


def applications(name: str) -> Iterator[Any]:
    """Yield the running applications of this name."""
    desktop = Atspi.get_desktop(0)
    desktop.clear_cache()
    for place in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(place)
        if application is not None and application.get_name() == name:
            yield application


def walk(node: Any, depth: int = 0) -> Iterator[tuple[int, Any]]:  # noqa: ANN401 -- gi has no types
    """Yield a node and all below it, each with its depth."""
    node.clear_cache()
    yield depth, node
    for place in range(node.get_child_count()):
        child = node.get_child_at_index(place)
        if child is not None:
            yield from walk(child, depth + 1)


def nodes(application: str) -> Iterator[tuple[int, Any]]:
    """Yield all nodes of an application, as far as they can be reached just now."""
    count = 0
    for root in applications(application):
        try:
            for depth, node in walk(root):
                count += 1
                if count > MAX_NODES:
                    return
                yield depth, node
        except GLib.Error:
            continue  # a process that has just ended is listed for a moment longer


def describe(node: Any) -> Answer:  # noqa: ANN401 -- gi has no types
    """Return what a node is."""
    states = node.get_state_set().get_states()
    return {
        "role": node.get_role_name(),
        "name": node.get_name(),
        "description": node.get_description(),
        "states": sorted(state.value_nick for state in states),
    }


def find(order: Answer) -> Answer:
    """Find the showing node of a role whose name is, or contains, a text."""
    for _, node in nodes(order["application"]):
        if order.get("role") not in {None, node.get_role_name()}:
            continue
        name = node.get_name()
        if order.get("name") not in {None, name} or order.get("part", "") not in name:
            continue
        described = describe(node)
        if "showing" in described["states"]:
            _found.append(node)
            return {"node": len(_found) - 1, **described}
    return {"node": None}


def tree(order: Answer) -> Answer:
    """Return every node of an application with its depth."""
    rows = [{"depth": depth, **describe(node)} for depth, node in nodes(order["application"])]
    return {"rows": rows}


def press(order: Answer) -> Answer:
    """Do the first action of a node: press a button, tick a box."""
    return {"done": bool(_found[order["node"]].do_action(0))}


def write(order: Answer) -> Answer:
    """Set the text of a node, as a screen reader's user may."""
    return {"done": bool(_found[order["node"]].set_text_contents(order["text"]))}


def read(order: Answer) -> Answer:
    """Return what a node is now, and its text where it has one."""
    node = _found[order["node"]]
    node.clear_cache()
    held = node.get_text_iface()
    text = "" if held is None else Atspi.Text.get_text(held, 0, -1)
    return {**describe(node), "text": text}


def place(order: Answer) -> Answer:
    """Return where a node is on the screen."""
    area = _found[order["node"]].get_extents(Atspi.CoordType.SCREEN)
    return {"x": area.x, "y": area.y, "width": area.width, "height": area.height}


def key(order: Answer) -> Answer:
    """Strike a key by its X keysym, or hold and release one by its keycode."""
    kind = {
        "strike": Atspi.KeySynthType.SYM,
        "hold": Atspi.KeySynthType.PRESS,
        "release": Atspi.KeySynthType.RELEASE,
    }[order["how"]]
    return {"done": bool(Atspi.generate_keyboard_event(order["code"], None, kind))}


def click(order: Answer) -> Answer:
    """Click a button of the mouse at a point of the screen: ``b1c`` is a click of the first."""
    return {"done": bool(Atspi.generate_mouse_event(order["x"], order["y"], order["what"]))}


def listen(_order: Answer) -> Answer:
    """Begin to hear what windows announce at once."""
    done = bool(_listener.register("object:announcement"))
    _run_events()  # from the first run of its loop on the library keeps what comes between orders
    return {"done": done}


def heard(_order: Answer) -> Answer:
    """Return what was announced since the last time."""
    _run_events()
    said = list(_announced)
    _announced.clear()
    return {"said": said}


def _run_events() -> None:
    GLib.timeout_add(HEARING_MS, Atspi.event_quit)
    Atspi.event_main()


_announced: list[str] = []
_listener = Atspi.EventListener.new(lambda event: _announced.append(event.any_data))

ORDERS: dict[str, Callable[[Answer], Answer]] = {
    order.__name__: order
    for order in (find, tree, press, write, read, place, key, click, listen, heard)
}


def main() -> None:
    """Answer line by line until stdin ends; what cannot be reached is an answer, too."""
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = ORDERS[order["do"]](order)
        except GLib.Error as error:
            answer = {"error": error.message}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
