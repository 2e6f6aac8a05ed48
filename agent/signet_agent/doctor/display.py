"""Can the consent window be shown at all?"""

import ctypes

from signet_agent.doctor.base import Finding, Words, ok, problem
from signet_agent.doctor.surroundings import Surroundings

X11_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
"""What Qt's X11 plug-in loads and a lean desktop may lack, with Debian's package for each."""

_SHOWABLE = Words("可以显示。", "It can be shown.")
_NO_SESSION = Words(
    "这里没有图形桌面，签名窗口打不开。",
    "There is no graphical session here; the window cannot open.",
)
_LOG_IN = Words("请登录图形桌面后再检查。", "Log in to the desktop and examine again.")
_INCOMPLETE = Words(
    "系统里缺少窗口要用的组件，签名窗口打不开。",
    "The system lacks parts that the window needs; it cannot open.",
)
_INSTALL = Words("请管理员安装 {packages}。", "IT installs {packages}.")


class DisplayCheck:
    """The graphical session and the libraries that Qt needs for it."""

    id = "display"
    title = Words("签名窗口", "Consent window")

    def run(self, surroundings: Surroundings) -> Finding:
        """Look for a session, then for the libraries."""
        if surroundings.environment.get("WAYLAND_DISPLAY"):
            return ok(self, _SHOWABLE, "Wayland")
        if not surroundings.environment.get("DISPLAY"):
            return problem(self, _NO_SESSION, _LOG_IN)
        missing = [name for name in X11_LIBRARIES if not _loads(name)]
        if missing:
            packages = " ".join(X11_LIBRARIES[name] for name in missing)
            cure = _INSTALL.filled(packages=packages)
            return problem(self, _INCOMPLETE, cure, ", ".join(missing))
        return ok(self, _SHOWABLE, "X11")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
