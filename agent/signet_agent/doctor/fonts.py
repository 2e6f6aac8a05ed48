"""Is there a font for Chinese? Without one the window shows boxes where words should be."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from signet_agent.doctor.base import Finding, Words, ok, problem
from signet_agent.doctor.surroundings import Surroundings

_KNOWN_FILES = ("NotoSansCJK*", "NotoSerifCJK*", "SourceHan*", "wqy-*", "uming*", "ukai*")
"""Chinese fonts of the distributions, for systems where fontconfig's tool is missing."""

_DEADLINE_S = 10
"""Reading thousands of fonts for the first time takes seconds; later runs 20 ms."""

_HERE = Words("有中文字体。", "A font for Chinese is installed.")
_NONE = Words(
    "没有中文字体，窗口里的字显示不出来。",
    "No font has Chinese characters; the window cannot show its words.",
)
_INSTALL = Words("请管理员安装软件包 fonts-noto-cjk。", "IT installs the package fonts-noto-cjk.")


class FontsCheck:
    """One font with Chinese characters."""

    id = "fonts"
    title = Words("中文字体", "Chinese fonts")

    def run(self, surroundings: Surroundings) -> Finding:
        """Ask fontconfig, or look at the files."""
        found = _ask_fontconfig(surroundings.environment.get("PATH"))
        if found is None:
            found = _look_at_files(surroundings.font_folders)
        if found:
            return ok(self, _HERE, found)
        return problem(self, _NONE, _INSTALL)


def _ask_fontconfig(path: str | None) -> str | None:
    """Return one family that covers Chinese, empty for none, ``None`` if it cannot be asked."""
    tool = shutil.which("fc-list", path=path)
    if tool is None:
        return None
    try:
        listed = subprocess.run(  # noqa: S603 -- a fixed tool with fixed arguments
            [tool, ":lang=zh-cn", "family"],
            capture_output=True,
            timeout=_DEADLINE_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    families = listed.stdout.decode("utf-8", "replace").splitlines()
    return min(families, default="")


def _look_at_files(folders: Iterable[Path]) -> str:
    """Return the name of one well-known font's file, or nothing."""
    for folder in folders:
        for pattern in _KNOWN_FILES:
            found = next(folder.rglob(pattern), None)
            if found is not None:
                return found.name
    return ""
