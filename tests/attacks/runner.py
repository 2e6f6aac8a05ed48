"""Plays cases: one fresh agent for each, and a verdict."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import tests.attacks.procedures  # noqa: F401 -- its modules register themselves
from tests.attacks.case import Case, CasesError
from tests.attacks.invariants import check, check_log
from tests.attacks.log_book import log_book
from tests.attacks.plain_input import play_input
from tests.attacks.registry import PROCEDURES, Procedure
from tests.attacks.scene import Finding, Scene
from tests.attacks.stage import Start, start_usual, with_tls

CASE_S = 240.0
"""No case takes longer, the big counts included."""


@dataclass(frozen=True)
class Verdict:
    """What came of one case: ``seen`` is short, ``findings`` is everything that must not be."""

    id: str
    seen: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether the agent stood."""
        return not self.findings

    @property
    def summary(self) -> str:
        """What was seen, and the first thing that must not be."""
        if self.ok:
            return self.seen
        more = f" (and {len(self.findings) - 1} more)" if len(self.findings) > 1 else ""
        return f"{self.seen}; broken: {self.findings[0].text}{more}".removeprefix("; ")


async def run_case(case: Case, *, full: bool = False, start: Start = start_usual) -> Verdict:
    """Play a case on a fresh agent; ``full`` asks for the big counts.

    A case whose only findings are answers that came late is played once more: on a machine that
    is busy with other things that happens once, an agent that is slow is slow again.
    """
    verdict = await _play(case, start, full=full)
    if verdict.findings and all(finding.slow for finding in verdict.findings):
        return await _play(case, start, full=full)
    return verdict


async def _play(case: Case, start: Start, *, full: bool) -> Verdict:
    """Play a case once; whatever goes wrong in doing so is a finding."""
    scenes: list[Scene] = []
    ended: list[Finding] = []
    try:
        async with asyncio.timeout(CASE_S):
            await _stage(case, start, scenes, full=full)
    except Exception as error:  # noqa: BLE001 -- a case that cannot be played has failed
        ended.append(Finding(f"{type(error).__name__}: {error}"))
    findings = [finding for scene in scenes for finding in scene.findings] + ended
    seen = ", ".join(
        f"{count} x {what}" if count > 1 else what
        for scene in scenes
        for what, count in scene.seen.items()
    )
    return Verdict(case.id, seen, tuple(findings))


async def _stage(case: Case, start: Start, scenes: list[Scene], *, full: bool) -> None:
    """Set up, start the agent, act, and look at everything before and after its end."""
    procedure = PROCEDURES.get(case.id)
    set_up = procedure.set_up if procedure else with_tls
    with tempfile.TemporaryDirectory(prefix="signet-attack-") as name, log_book() as book:
        folder = Path(name)
        async with AsyncExitStack() as stack:
            stage = await stack.enter_async_context(set_up(folder))
            agent = await stack.enter_async_context(start(folder, stage))
            scene = Scene(case, agent, stage, book, full)
            scenes.append(scene)
            await _act(scene, procedure)
            await check(scene)
        check_log(scene)


async def _act(scene: Scene, procedure: Procedure | None) -> None:
    """Send the case's input and play its procedure; one of them there must be."""
    has_input = await play_input(scene)
    if procedure is not None:
        await procedure.act(scene)
    elif not has_input:
        raise CasesError("there is neither an input nor a procedure for this case")
