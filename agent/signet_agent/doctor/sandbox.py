"""Which of the walls around the document room does this system offer?"""

from signet_agent.doctor.base import Finding, Words, notice, ok
from signet_agent.doctor.surroundings import Surroundings

_INCOMPLETE = Words(
    "读文件的进程少了 {count} 层隔离；它本来就碰不到密钥和 PIN 码。",
    "Layers missing around the reader of documents: {count}. It has no key and no PIN anyway.",
)
_UNKNOWN = Words("还不知道有几层隔离。", "The layers could not be tried.")
_IMPROVE = Words(
    "请管理员安装 libseccomp2，内核用 5.13 或更新的版本。",
    "IT installs libseccomp2 and runs a kernel from 5.13 up.",
)
_ALL_HOLD = Words("{count} 层隔离，都在。", "Every layer holds: {count}.")


class SandboxCheck:
    """The layers that keep a hostile document in, each on its own."""

    id = "sandbox"
    title = Words("文件隔离", "Document sandbox")

    def run(self, surroundings: Surroundings) -> Finding:
        """Count the layers that hold."""
        layers = surroundings.layers
        if not layers:
            return notice(self, _UNKNOWN, _IMPROVE)
        weak = [layer for layer in layers if not layer.holds]
        if weak:
            detail = "; ".join(f"{layer.name}: {layer.detail or 'missing'}" for layer in weak)
            return notice(self, _INCOMPLETE.filled(count=len(weak)), _IMPROVE, detail)
        names = ", ".join(layer.name for layer in layers)
        return ok(self, _ALL_HOLD.filled(count=len(layers)), names)
