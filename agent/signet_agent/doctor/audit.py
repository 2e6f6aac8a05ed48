"""Can the log be written, and is there room? No log, no signature."""

import shutil
import tempfile
from pathlib import Path

from signet_agent.doctor.base import Finding, Words, notice, ok, problem
from signet_agent.doctor.surroundings import Surroundings

ENOUGH_BYTES = 100 * 1024 * 1024
"""A record takes about 300 octets: room for years of signing."""

LEAST_BYTES = 8 * 1024 * 1024
"""Below this, SQLite's own journal may no longer fit."""

_MIB = 1024 * 1024

_UNWRITABLE = Words(
    "签署记录写不进去，所以现在不能签名。",
    "The log cannot be written, so nothing can be signed.",
)
_LOOK_AT = Words(
    "请管理员查看文件夹 {folder} 的权限和磁盘空间。",
    "IT looks at the permissions and the free space of {folder}.",
)
_ALMOST_FULL = Words(
    "磁盘只剩 {left}，很快就不能签名了。",
    "Only {left} of disk are left; soon nothing can be signed.",
)
_LITTLE_LEFT = Words("磁盘还剩 {left}。", "{left} of disk are left.")
_MAKE_ROOM = Words("请清理磁盘。", "Please make room on the disk.")
_GOOD = Words("可以写入，空间够用。", "It can be written; there is room.")


class AuditCheck:
    """The log's folder."""

    id = "audit"
    title = Words("签署记录", "Signing log")

    def run(self, surroundings: Surroundings) -> Finding:
        """Write a trial file and delete it again, then measure the room left."""
        folder = _nearest(surroundings.audit_file.parent)
        try:
            with tempfile.TemporaryFile(dir=folder) as trial:
                trial.write(b"signet")
            free = shutil.disk_usage(folder).free
        except OSError as error:
            cure = _LOOK_AT.filled(folder=folder)
            return problem(self, _UNWRITABLE, cure, error.strerror or str(error))
        left = f"{free // _MIB} MiB"
        if free < LEAST_BYTES:
            return problem(self, _ALMOST_FULL.filled(left=left), _MAKE_ROOM, str(folder))
        if free < ENOUGH_BYTES:
            return notice(self, _LITTLE_LEFT.filled(left=left), _MAKE_ROOM, str(folder))
        return ok(self, _GOOD, left)


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists before the first start."""
    return next(place for place in (folder, *folder.parents) if place.exists())
