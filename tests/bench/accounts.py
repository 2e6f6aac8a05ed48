"""What Linux writes down about a process: time on a processor, memory, sleeps (proc(5))."""

from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_NS = 1e9
_KIB = 1024
_MB = 1e6


def processor_seconds(*pids: int) -> float:
    """Return the time these processes' threads have run on a processor.

    From schedstat, in nanoseconds: the ticks of ``stat`` are longer than an idle daemon's minute.
    """
    return sum(_run_ns(task) for pid in pids for task in _tasks(pid)) / _NS


def sleeps(pid: int) -> int:
    """Return how often a process's threads have gone to sleep by themselves: one for each wake."""
    return sum(
        int(_field(task / "status", "voluntary_ctxt_switches").split()[0]) for task in _tasks(pid)
    )


def resident_mb(pid: int) -> float:
    """Return RSS in megabytes of 10^6 octets; pages shared with other processes count in full."""
    return _kib(_PROC / str(pid) / "status", "VmRSS")


def proportional_mb(pid: int) -> float:
    """Return PSS in megabytes of 10^6 octets: a shared page counts as its share."""
    return _kib(_PROC / str(pid) / "smaps_rollup", "Pss")


def family(pid: int) -> tuple[int, ...]:
    """Return a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                children.setdefault(_parent(entry), []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return tuple(found)


def _parent(process: Path) -> int:
    # The name in brackets may hold blanks and brackets itself; what follows is fixed.
    return int((process / "stat").read_text().rpartition(")")[2].split()[1])


def _run_ns(task: Path) -> int:
    return int((task / "schedstat").read_text().split()[0])


def _tasks(pid: int) -> list[Path]:
    return list((_PROC / str(pid) / "task").iterdir())


def _kib(file: Path, name: str) -> float:
    return int(_field(file, name).split()[0]) * _KIB / _MB


def _field(file: Path, name: str) -> str:
    """Return what stands behind a name in a file of ``Name: value`` lines."""
    for line in file.read_text().splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return value
    message = f"{file} has no {name}"
    raise LookupError(message)
