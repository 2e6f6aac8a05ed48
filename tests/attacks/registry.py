"""Which procedure plays which case, by the case's id."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.attacks.scene import Scene
from tests.attacks.stage import SetUp, with_tls

Act = Callable[[Scene], Awaitable[None]]
"""What a procedure does; it judges as it goes."""


@dataclass(frozen=True)
class Procedure:
    """How one case is played, and on what stage."""

    act: Act
    set_up: SetUp = with_tls


PROCEDURES: dict[str, Procedure] = {}
"""Filled by the modules of the package ``procedures``."""


def plays(case_id: str, set_up: SetUp = with_tls) -> Callable[[Act], Act]:
    """Register a function as the procedure of a case."""

    def register(act: Act) -> Act:
        assert case_id not in PROCEDURES, case_id
        PROCEDURES[case_id] = Procedure(act, set_up)
        return act

    return register
