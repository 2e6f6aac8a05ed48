"""Which picture stands for a stage that leaves nothing to ask."""

from signet_agent.desktop.consent_flow import ConsentFlow, Stage
from signet_agent.desktop.look import Look
from signet_agent.desktop.widgets.labels import Step
from signet_agent.desktop.widgets.notices import StatePicture

CURABLE = frozenset({Stage.MISSING, Stage.REMOVED})
"""Stages in which looking for the token again may help."""

PICTURED = CURABLE | {Stage.LOCKED, Stage.DONE}
"""Stages that leave nothing to ask."""


def picture_of(look: Look, flow: ConsentFlow, steps: tuple[Step, ...]) -> StatePicture:
    """Return the picture of a stage with the steps that may help.

    Raises:
        KeyError: the stage still asks something (our own fault).
    """
    texts, operation = look.texts, flow.record.operation
    kind = flow.choice.token_kind if flow.choice else "usb-key"
    this = texts(f"this.{kind}")
    icon, tone, heading, text = {
        Stage.MISSING: (
            *(kind, "azurite", texts(f"insert.{kind}")),
            texts("insert.more") if flow.choice else "",
        ),
        Stage.REMOVED: ("warning", "ochre", texts(f"removed.{kind}"), texts("removed.more")),
        Stage.LOCKED: (
            *("lock", "cinnabar", texts.opening("pin.locked", token=this)),
            texts("pin.locked.why"),
        ),
        Stage.DONE: (
            *("tick", "malachite", texts(f"done.{operation.value}")),
            texts("done.more") if operation.signs else "",
        ),
    }[flow.stage]
    return StatePicture(look, (icon, tone), (heading, text), steps)
