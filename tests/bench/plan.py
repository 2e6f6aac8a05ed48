"""How much is measured, and where the files of a run lie."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_ROUNDS = 9
"""Odd, so that a median is a round that was seen; enough to outlive a busy second or two."""


@dataclass(frozen=True)
class Plan:
    """One run: ``portion`` shrinks every round, for a test that only asks whether all runs."""

    folder: Path
    rounds: int = DEFAULT_ROUNDS
    portion: float = 1.0

    def count(self, usual: int) -> int:
        """Return how often something is done in a round; at least twice."""
        return max(round(usual * self.portion), 2)

    def seconds(self, usual: float) -> float:
        """Return how long something is watched."""
        return usual * self.portion

    def subfolder(self, name: str) -> Path:
        """Make a folder for one group's files."""
        made = self.folder / name
        made.mkdir()
        return made
