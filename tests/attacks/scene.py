"""One case at play: the agent under attack, and all that was seen and found."""

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from tests.attacks.case import Case
from tests.attacks.classes import INTERNAL, SILENCE, class_of_close, class_of_status
from tests.attacks.log_book import LogBook
from tests.attacks.stage import Stage
from tests.attacks.wire import Ended, TcpAnswer
from tests.kit.mock_token import Counters, MockToken
from tests.kit.running_agent import RunningAgent


@dataclass(frozen=True)
class Finding:
    """Something that must not be; ``slow`` marks what a busy machine may have caused."""

    text: str
    slow: bool = False


@dataclass
class Scene:
    """What a procedure acts on; ``full`` asks for the big counts."""

    case: Case
    agent: RunningAgent
    stage: Stage
    book: LogBook
    full: bool = False
    findings: list[Finding] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    replies: list[str] = field(default_factory=list)
    honest_calls: int = 0
    origin_refusals: int = 0
    tokens: tuple[MockToken, ...] = ()

    def __post_init__(self) -> None:
        """Remember the tokens: what a procedure pulls out still counts."""
        self.tokens = tuple(self.agent.reader.present.values())

    @property
    def port(self) -> int:
        """The agent's plain port."""
        return self.agent.port

    @property
    def tls_port(self) -> int:
        """The agent's TLS port, where the stage gave it one."""
        return self.agent.agent.ports.tls_port

    @property
    def expected(self) -> str:
        """The class that the case names."""
        return self.case.expect.error_class

    @property
    def now(self) -> float:
        """Seconds of a clock that only goes forward."""
        return asyncio.get_running_loop().time()

    def key_uses(self) -> Counters:
        """Add up what the tokens were made to do."""
        counters = [token.counters for token in self.tokens]
        return Counters(
            private_ops=sum(each.private_ops for each in counters),
            wrong_pins=sum(each.wrong_pins for each in counters),
        )

    def require(self, holds: object, otherwise: str, *, slow: bool = False) -> None:
        """Note a finding unless something holds."""
        if not holds:
            self.findings.append(Finding(otherwise, slow))

    def judge(
        self, label: str, error_class: str, detail: object, accepted: Collection[str] = ()
    ) -> None:
        """Note what was seen; it must be of the case's class, or of those named here."""
        self.seen[f"{error_class} ({detail})"] += 1
        wanted = accepted or {self.expected}
        self.require(
            error_class in wanted and error_class != INTERNAL,
            f"{label}: {detail} is {error_class}, not {' or '.join(sorted(wanted))}",
        )

    def judge_answer(self, label: str, answer: TcpAnswer, accepted: Collection[str] = ()) -> None:
        """Judge an HTTP answer; statuses that the outcome names count before the class."""
        self.replies.append(answer.octets.decode("latin-1"))
        self.origin_refusals += answer.status == 403
        named = self.case.statuses
        if named and not accepted:
            self.require(answer.status in named, f"{label}: {answer.status}, not {sorted(named)}")
            accepted = {class_of_status(answer.status)}
        silent = answer.status is None and answer.ended is Ended.OPEN
        error_class = SILENCE if silent else class_of_status(answer.status)
        self.judge(label, error_class, answer.status or answer.ended.value, accepted)

    def judge_close(self, label: str, code: int, accepted: Collection[str] = ()) -> None:
        """Judge a WebSocket close; codes that the outcome names count before the class."""
        named = self.case.close_codes
        if named and not accepted:
            self.require(code in named, f"{label}: close {code}, not {sorted(named)}")
            accepted = {class_of_close(code)}
        self.judge(label, class_of_close(code), f"close {code}", accepted)
