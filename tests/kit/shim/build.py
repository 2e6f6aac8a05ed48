"""The faulty PKCS#11 module: compiled once per test run, told what to do by a file beside it."""

import shutil
import subprocess
from pathlib import Path

from tests.kit.softhsm import module_path

_SOURCE = Path(__file__).with_name("shim.c")


class FaultyModule:
    """A module that behaves like SoftHSM, except where a test says otherwise (see ``shim.c``)."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of a compiled module."""
        self.path = folder / "shim.so"
        self._faults = folder / "faults"
        self._calls = folder / "calls"

    @classmethod
    def compile(cls, folder: Path) -> "FaultyModule":
        """Compile the module into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder)
        real = f'-DREAL_MODULE="{module_path()}"'
        flags = ["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", real]
        subprocess.run(["gcc", *flags, "-o", made.path, _SOURCE, "-ldl"], check=True)
        return made

    def copy(self, folder: Path) -> "FaultyModule":
        """Return the same module in another folder, with faults and a call list of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.path, folder)
        return FaultyModule(folder)

    def set(self, *faults: str) -> None:
        """Say which faults there are from now on, as lines of ``shim.c``'s file; none clears."""
        fresh = self._faults.with_suffix(".new")
        fresh.write_text("".join(f"{fault}\n" for fault in faults))
        fresh.replace(self._faults)

    def calls(self, function: str) -> int:
        """Return how often a function was called."""
        lines = self._calls.read_text().splitlines() if self._calls.exists() else []
        return lines.count(function)
