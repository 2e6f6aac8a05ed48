"""The software SKF library: compiled once per test run, told what to do by a file beside it."""

import shutil
import subprocess
from pathlib import Path

SOURCES = Path(__file__).with_name("library")
_NAME = "libsoftskf.so"


class SoftSkf:
    """A library in a folder of its own, with devices, faults and a call list beside it."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of a compiled library."""
        self.path = folder / _NAME
        self.devices = folder / "devices"
        self._faults = folder / "faults"
        self._calls = folder / "calls"

    @classmethod
    def compile(cls, folder: Path, *definitions: str) -> "SoftSkf":
        """Compile the library into a folder; ``skf.h`` names the definitions."""
        folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder)
        flags = ["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden"]
        sources = sorted(SOURCES.glob("*.c"))
        libraries = ["-lcrypto", "-ldl", "-lpthread"]
        words: list[str | Path] = [*flags, *definitions, "-o", made.path, *sources]
        subprocess.run(["cc", *words, *libraries], check=True)
        made.devices.mkdir(exist_ok=True)
        return made

    def copy(self, folder: Path) -> "SoftSkf":
        """Return the same library and devices in another folder, without faults."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.path, folder)
        shutil.copytree(self.devices, folder / self.devices.name)
        return SoftSkf(folder)

    def set(self, *faults: str) -> None:
        """Say which faults there are from now on, as ``faults.c`` reads them; none clears."""
        fresh = self._faults.with_suffix(".new")
        fresh.write_text("".join(f"{fault}\n" for fault in faults))
        fresh.replace(self._faults)

    def calls(self, function: str) -> int:
        """Return how often a function was called."""
        lines = self._calls.read_text().splitlines() if self._calls.exists() else []
        return lines.count(function)
