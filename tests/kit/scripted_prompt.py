"""A seam: the person by script. Every window is counted and its record kept."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from signet_agent.channel.desktop_messages import (
    Activity,
    Agreed,
    Ask,
    Chosen,
    Close,
    Declined,
    Done,
    PinReady,
    PinRejected,
    TokenMissing,
    WindowAnswer,
    WindowOrder,
)
from signet_agent.channel.sealed_pin import seal_pin
from signet_agent.errors import RoomError
from signet_agent.model import ConsentRecord, Operation
from signet_protocol.errors import ErrorCode
from tests.kit.mock_token import PIN


@dataclass
class Person:
    """How the person behaves; ``pins`` are typed one after the other, then she refuses."""

    pins: tuple[str, ...] = (PIN,)
    refuses: bool = False
    idle: bool = False
    choice: int = 0
    takes_last_try: bool = True
    agrees_times: int = 1
    waits: asyncio.Event | None = None
    dies: bool = False
    on_window: Callable[[ConsentRecord], None] = lambda _: None


@dataclass
class ScriptedWindow:
    """One window: answers the daemon as the real one would."""

    person: Person
    prompt: "ScriptedPrompt"
    answers: asyncio.Queue[WindowAnswer | None] = field(default_factory=asyncio.Queue)
    record: ConsentRecord | None = None
    tried: int = 0
    ended: bool = False

    async def send(self, order: WindowOrder) -> None:
        """React to an order at once."""
        self.prompt.orders.append(order)
        if self.ended:
            raise RoomError("gone", ErrorCode.AGENT_WINDOW_UNAVAILABLE)
        if isinstance(order, Ask):
            self._show(order.record)
        elif isinstance(order, PinReady | PinRejected):
            self._type(order)
        elif isinstance(order, TokenMissing):
            self._decline()
        elif isinstance(order, Done | Close):
            self.ended = True

    async def receive(self) -> WindowAnswer:
        """Wait for what the script does next."""
        if self.person.waits is not None:
            await self.person.waits.wait()
        answer = await self.answers.get()
        if answer is None:
            raise RoomError("died", ErrorCode.AGENT_WINDOW_UNAVAILABLE)
        return answer

    async def end(self) -> None:
        self.ended = True
        self.prompt.closed += 1

    def _show(self, record: ConsentRecord) -> None:
        self.record = record
        self.prompt.records.append(record)
        self.person.on_window(record)
        if self.person.dies:
            self.answers.put_nowait(None)
            return
        self.answers.put_nowait(Activity(record.id))
        if self.person.refuses or self.person.idle:
            self._decline()
            return
        chosen = record.choices[self.person.choice].fingerprint
        if record.operation is Operation.CHOOSE:
            self._agree(Agreed(record.id, chosen))
            return
        self.answers.put_nowait(Chosen(record.id, chosen))

    def _type(self, order: PinReady | PinRejected) -> None:
        assert self.record is not None
        last = order.pin.final
        stops = order.pin.locked or (last and not self.person.takes_last_try)
        if stops or self.tried == len(self.person.pins):
            self._decline()
            return
        pin = bytearray(self.person.pins[self.tried].encode())
        self.tried += 1
        sealed = seal_pin(pin, order.public, self.record.id)
        self._agree(Agreed(self.record.id, order.fingerprint, sealed, last_try=last))

    def _agree(self, answer: Agreed) -> None:
        self.prompt.approvals += 1
        for _ in range(self.person.agrees_times):
            self.answers.put_nowait(answer)

    def _decline(self) -> None:
        assert self.record is not None
        self.answers.put_nowait(Declined(self.record.id, idle=self.person.idle))


class ScriptedPrompt:
    """Opens scripted windows."""

    def __init__(self, person: Person | None = None) -> None:
        """Take how the person behaves from now on; tests change ``person`` between calls."""
        self.person = person or Person()
        self.records: list[ConsentRecord] = []
        self.orders: list[WindowOrder] = []
        self.approvals = 0
        self.closed = 0
        self.warmed = 0
        self.windows: list[ScriptedWindow] = []

    def warm(self) -> None:
        self.warmed += 1

    async def open(self) -> ScriptedWindow:
        window = ScriptedWindow(self.person, self)
        self.windows.append(window)
        return window
