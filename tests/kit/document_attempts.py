"""What a document that had taken over its room would try; run as a process of its own.

``document_attempts.py LAYERS USER FOLDER`` prepares its targets as the user, enters the layers
(names with commas, or ``none``), tries everything and writes JSON to its standard output: attempt
to ``done``, or to the name of what stopped it. The last line is the attempt to become another
program.
"""

import ctypes
import errno
import fcntl
import json
import mmap
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyseccomp

from signet_agent.documents.landlock import restrict_files
from signet_agent.documents.sandbox import (
    MAX_ADDRESS_BYTES,
    MAX_OPEN_FILES,
    limit_resources,
    readable_trees,
)
from signet_agent.documents.system_calls import restrict_calls

Attempt = Callable[[], object]

LIBC = ctypes.CDLL(None, use_errno=True)
LAYERS: dict[str, Attempt] = {
    "limits": limit_resources,
    "files": lambda: restrict_files(readable_trees()),
    "calls": restrict_calls,
}
PTRACE_SEIZE = 0x4206
PR_SET_DUMPABLE = 4

RAW = (
    *("accept", "sendmsg", "socketpair", "memfd_create", "creat", "mkdirat", "linkat"),
    *("mount", "unshare", "setns", "chroot", "setuid", "setrlimit", "prlimit64", "prctl"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open", "tkill", "tgkill"),
    *("execveat", "clone3", "ioctl", "fcntl", "openat", "open_by_handle_at"),
    *("io_uring_setup", "bpf", "userfaultfd", "perf_event_open", "keyctl"),
)
"""Calls that are asked for with arguments no kernel takes: only a filter answers ENOSYS."""


def _raw(name: str) -> Attempt:
    def ask() -> None:
        number = pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
        ctypes.set_errno(0)
        LIBC.syscall(number, -1, -1, -1, -1, -1, -1)
        if ctypes.get_errno() == errno.ENOSYS:
            raise OSError(errno.ENOSYS, name)

    return ask


def _file_attempts(folder: Path) -> Iterator[tuple[str, Attempt]]:
    for name in ("kept", "removed", "renamed", "changed", "cut", "grown"):
        (folder / name).write_text("as it was")
    stream = (folder / "grown").open("ab", buffering=0)
    yield "read", lambda: Path("/etc/passwd").read_bytes()
    yield "read own", (folder / "kept").read_bytes
    yield "list", lambda: list(Path("/").iterdir())
    yield "create", (folder / "new").touch
    yield "overwrite", lambda: (folder / "kept").open("r+b").close()
    yield "truncate", lambda: os.truncate(folder / "cut", 1)
    yield "remove", (folder / "removed").unlink
    yield "rename", lambda: (folder / "renamed").rename(folder / "elsewhere")
    yield "change mode", lambda: (folder / "changed").chmod(0o600)
    yield "make folder", (folder / "folder").mkdir
    yield "link", lambda: (folder / "link").symlink_to("/etc/passwd")
    yield "grow open file", lambda: stream.write(b"more")


def _network_attempts(folder: Path) -> Iterator[tuple[str, Attempt]]:
    tcp, path, abstract = (
        _listening(socket.AF_INET, ("127.0.0.1", 0)),
        _listening(socket.AF_UNIX, str(folder / "socket")),
        _listening(socket.AF_UNIX, f"\0signet-{os.getpid()}"),
    )
    for name, listener in (("tcp", tcp), ("unix", path), ("abstract unix", abstract)):
        yield name, _connecting(listener)
    open_socket, _ = socket.socketpair()
    yield "udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    yield "netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()
    yield "pair", socket.socketpair
    yield "send to address", lambda: _send_to(open_socket)
    yield "signal by descriptor", lambda: fcntl.fcntl(open_socket, fcntl.F_SETOWN, os.getpid())


def _listening(family: int, address: str | tuple[str, int]) -> socket.socket:
    listener = socket.socket(family)
    listener.bind(address)
    listener.listen()
    return listener


def _connecting(listener: socket.socket) -> Attempt:
    def connect() -> None:
        with socket.socket(listener.family) as client:
            client.connect(listener.getsockname())

    return connect


def _send_to(connected: socket.socket) -> None:
    address = ctypes.create_string_buffer(b"\1\0/", 16)
    sent = LIBC.sendto(connected.fileno(), b"x", 1, socket.MSG_DONTWAIT, address, 3)
    # A connected pair takes no address, and says so; a filter does not let it come that far.
    if sent < 0 and ctypes.get_errno() != errno.EISCONN:
        raise OSError(ctypes.get_errno(), "sendto")


def _process_attempts() -> Iterator[tuple[str, Attempt]]:
    sibling = _start_sibling()
    yield "fork", _fork
    yield "spawn", lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
    yield "signal another", lambda: os.kill(sibling, signal.SIGCONT)
    yield "trace another", lambda: _checked(LIBC.ptrace(PTRACE_SEIZE, sibling, 0, 0))
    yield "much memory", lambda: mmap.mmap(-1, MAX_ADDRESS_BYTES).close()
    yield "many files", _open_many
    yield "set a limit", lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _start_sibling() -> int:
    """Start a process of the same user that ends with this one."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(writing)
        os.read(reading, 1)
        os._exit(0)
    return process


def _fork() -> None:
    process = os.fork()
    if process == 0:
        os._exit(0)
    os.waitpid(process, 0)


def _open_many() -> None:
    copies: list[int] = []
    try:
        while len(copies) <= MAX_OPEN_FILES:
            copies.append(os.dup(1))
    finally:
        for copy in copies:
            os.close(copy)


def _checked(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "")


def _outcome(attempt: Attempt) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


def _become(user: int) -> None:
    if os.geteuid() != user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
        # A process that changes its user may not be traced; the sibling shall be.
        LIBC.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def main(layers: str, user: int, folder: Path) -> None:
    """Prepare, enter, try, report."""
    _become(user)
    attempts = dict(_file_attempts(folder))
    attempts |= dict(_network_attempts(folder))
    attempts |= dict(_process_attempts())
    attempts |= {name: _raw(name) for name in RAW}
    for layer in layers.split(","):
        LAYERS.get(layer, lambda: None)()
    outcomes = {name: _outcome(attempt) for name, attempt in attempts.items()}
    sys.stdout.write(json.dumps(outcomes) + "\n")
    sys.stdout.flush()
    stopped = _outcome(lambda: os.execv("/bin/echo", ["echo", '"done"']))  # noqa: S606 -- a shell would be yet another program
    sys.stdout.write(json.dumps(stopped) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
