"""What keeps a hostile document inside the document room: three layers, each on its own.

Limits bound what it uses up, Landlock what it reads, seccomp what it asks of the kernel. A layer
that this system does not offer is left out and reported: the room still has no key and no PIN, and
the doctor says what is missing. Together they take 20 ms, nearly all of it for finding libseccomp.
"""

import contextlib
import mmap
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

import signet_agent
import signet_protocol

MAX_ADDRESS_BYTES = 1024**3
"""Memory with all mapped libraries: ten times what a preview of the largest document takes."""

MAX_OPEN_FILES = 32
"""The channel, three standard streams, and what an import opens for a moment."""

_PUBLIC_TREES = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/localtime"),
    *("/usr/share/zoneinfo", "/usr/share/fonts", "/etc/fonts", "/etc/mime.types"),
)
"""Libraries and the tables they read; nothing of a person, no secret of the machine."""

LayerName = Literal["limits", "files", "calls"]


class Layer(Struct, frozen=True):
    """One layer: whether it holds, and for the log why not."""

    name: LayerName
    holds: bool
    detail: str = ""


class SandboxReport(Struct, frozen=True):
    """How the sandbox stands."""

    layers: tuple[Layer, ...]

    @property
    def complete(self) -> bool:
        """Whether every layer holds."""
        return all(layer.holds for layer in self.layers)


def enter_sandbox() -> SandboxReport:
    """Shut this process in, for good; to be called once, before the first document is read.

    It raises nothing: what this system does not offer is in the report.
    """
    if sys.platform != "linux":
        names: tuple[LayerName, ...] = ("limits", "files", "calls")
        return SandboxReport(tuple(Layer(name, holds=False, detail="not Linux") for name in names))
    from signet_agent.documents.landlock import LandlockError, restrict_files
    from signet_agent.documents.system_calls import SystemCallsError, load_library, restrict_calls

    def enter(name: LayerName, restrict: Callable[[], object]) -> Layer:
        try:
            restrict()
        except (OSError, ValueError, LandlockError, SystemCallsError) as error:
            return Layer(name, holds=False, detail=str(error))
        return Layer(name, holds=True)

    # Finding the library runs a program, which no layer below would let it.
    with contextlib.suppress(SystemCallsError):
        load_library()
    return SandboxReport(
        (
            enter("limits", limit_resources),
            enter("files", lambda: restrict_files(readable_trees())),
            enter("calls", restrict_calls),
        )
    )


def describe_sandbox() -> SandboxReport:
    """Enter the sandbox and try one forbidden thing for each layer; for a process of the doctor.

    The calling process is shut in afterwards and can only write its report to an open stream.
    """
    attempts: dict[LayerName, Callable[[], object]] = {
        "limits": lambda: mmap.mmap(-1, MAX_ADDRESS_BYTES).close(),
        "files": lambda: list(Path("/").iterdir()),
        "calls": lambda: socket.socket(socket.AF_UNIX).close(),
    }
    return SandboxReport(
        tuple(
            Layer(layer.name, holds=False, detail="entered, but something forbidden was possible")
            if layer.holds and _succeeds(attempts[layer.name])
            else layer
            for layer in enter_sandbox().layers
        )
    )


def limit_resources() -> None:
    """Bound memory and open files; no core file, no growing file, no further process.

    Time is not bounded here: the daemon has a deadline for every answer. The superuser may start
    processes all the same; that the other layers refuse.

    Raises:
        OSError: the system refused.
        ValueError: a lower limit holds already and may not be raised.
    """
    import resource

    for limit, value in (
        (resource.RLIMIT_AS, MAX_ADDRESS_BYTES),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def readable_trees() -> Iterator[Path]:
    """Yield what imports on first use read: Python's own path, this program, public tables."""
    for entry in (*sys.path, *signet_agent.__path__, *signet_protocol.__path__, *_PUBLIC_TREES):
        if Path(entry).is_absolute():
            yield Path(entry)


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True
