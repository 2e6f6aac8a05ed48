"""Does the service run that speaks to the readers of cards?"""

import socket
import sys
from pathlib import Path

from signet_agent.doctor.base import Finding, Words, ok, problem
from signet_agent.doctor.surroundings import Surroundings

_SOCKET = "/run/pcscd/pcscd.comm"
"""Where pcsc-lite looks, unless PCSCLITE_CSOCK_NAME says otherwise."""

_NEEDLESS = Words("没有登记不用驱动的卡。", "The policy names no card.")
_RUNS = Words("智能卡服务在运行。", "The card service runs.")
_STOPPED = Words(
    "智能卡服务没有运行，读不到卡 {names}。",
    "The card service does not run; these cards cannot be read: {names}.",
)
_START = Words(
    "请管理员安装软件包 pcscd，并运行 systemctl enable --now pcscd.socket。",
    "IT installs the package pcscd and runs systemctl enable --now pcscd.socket.",
)


class CardServiceCheck:
    """pcscd, where policy names cards; Windows starts its own service when a reader is there."""

    id = "cards"
    title = Words("智能卡服务", "Card service")

    def run(self, surroundings: Surroundings) -> Finding:
        """Knock at the service's socket; nothing is said to it."""
        cards = surroundings.policy.cards
        if not cards or sys.platform == "win32":
            return ok(self, _NEEDLESS if not cards else _RUNS)
        place = Path(surroundings.environment.get("PCSCLITE_CSOCK_NAME", _SOCKET))
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
                knock.connect(str(place))
        except OSError as error:
            detail = f"{place}: {error.strerror}"
            return problem(self, _STOPPED.filled(names=", ".join(cards)), _START, detail)
        return ok(self, _RUNS, str(place))
