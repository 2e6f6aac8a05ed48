"""Who is at the other end of a loopback connection: the kernel is asked, not the peer.

Linux answers by netlink sock_diag for one exact pair of addresses (sock_diag(7), inet_diag) in
some ten microseconds. A connection of another user, or one that is gone already, is turned away
before a byte of it is read.
"""

import os
import socket
import struct
import sys
from collections.abc import Callable

Address = tuple[str, int]
"""Host literal and port."""

PeerCheck = Callable[[socket.socket], bool]
"""Whether an accepted connection comes from this user's own programs."""

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLM_F_REQUEST = 1
_TCP_ESTABLISHED_BITS = 0xFFF
_INET_DIAG_NOCOOKIE = 0xFFFFFFFF
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBBI")
_MESSAGE_UID = 16 + 4 + 48 + 4 * 3
"""Offset of idiag_uid: netlink header, four octets, socket id, expires, rqueue, wqueue.

idiag_inode follows it. A connection that no process holds any more has neither: both are 0, and
that user id would read as root's.
"""


def uid_of_peer(connection: socket.socket) -> int | None:
    """Return the user id of the process at the other end of a loopback connection, if there is one.

    Raises:
        OSError: the connection was reset meanwhile.
    """
    local, remote = connection.getsockname(), connection.getpeername()
    family = connection.family
    identity = (
        struct.pack(">HH", remote[1], local[1])
        + socket.inet_pton(family, remote[0]).ljust(16, b"\0")
        + socket.inet_pton(family, local[0]).ljust(16, b"\0")
        + struct.pack("=III", 0, _INET_DIAG_NOCOOKIE, _INET_DIAG_NOCOOKIE)
    )
    body = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, _TCP_ESTABLISHED_BITS) + identity
    header = _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 1, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as netlink:
            netlink.send(header + body)
            answer = netlink.recv(4096)
    except OSError:
        return None
    kind = struct.unpack_from("=H", answer, 4)[0]
    if kind != _SOCK_DIAG_BY_FAMILY:
        return None
    uid, inode = struct.unpack_from("=II", answer, _MESSAGE_UID)
    return int(uid) if inode else None


def is_own_user(connection: socket.socket) -> bool:
    """Whether a program of this user opened the connection; unknown counts as no."""
    if sys.platform != "linux":
        # Not answered yet on other systems; the consent window is the barrier there.
        return True
    return uid_of_peer(connection) == os.getuid()
