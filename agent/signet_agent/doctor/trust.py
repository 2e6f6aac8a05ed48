"""Where wss and https were opened: does their certificate still hold, and who trusts it?"""

from datetime import UTC, datetime

from signet_agent.doctor.base import Finding, Words, notice, ok, problem
from signet_agent.doctor.surroundings import Surroundings

SOON_S = 30 * 24 * 3600
"""A month is time enough to renew at a quiet moment."""

_NOT_NEEDED = Words("没有安装，也不需要：普通连接可用。", "Not installed, and not needed.")
_DAMAGED = Words(
    "本机证书的文件不完整，加密连接没有打开。",
    "The certificate's files do not belong together; wss and https are closed.",
)
_EXPIRED = Words("本机证书已在 {day} 到期。", "The certificate expired on {day}.")
_DISTRUSTED = Words(
    "{count} 个浏览器证书库还不信任本机证书。",
    "Browser stores that do not trust the certificate: {count}.",
)
_EXPIRES_SOON = Words("本机证书 {day} 到期。", "The certificate expires on {day}.")
_GOOD = Words("浏览器都信任，{day} 到期。", "Every browser trusts it, until {day}.")
_RENEW = Words(
    "请运行 signet trust install，再重新打开签章助手和浏览器。",
    "Run signet trust install, then restart Signet and the browsers.",
)


class TrustCheck:
    """The opt-in certificate for wss and https; most people never need it."""

    id = "trust"
    title = Words("本机证书", "Certificate for this computer")

    def run(self, surroundings: Surroundings) -> Finding:
        """Judge certificate and stores."""
        trust = surroundings.trust
        day = datetime.fromtimestamp(trust.not_after, UTC).date().isoformat()
        if trust.certificate == "absent":
            return ok(self, _NOT_NEEDED)
        if trust.certificate == "damaged":
            return problem(self, _DAMAGED, _RENEW)
        if trust.certificate == "expired":
            return problem(self, _EXPIRED.filled(day=day), _RENEW)
        if trust.distrusting:
            sentence = _DISTRUSTED.filled(count=len(trust.distrusting))
            return notice(self, sentence, _RENEW, ", ".join(trust.distrusting))
        if trust.not_after - surroundings.now < SOON_S:
            return notice(self, _EXPIRES_SOON.filled(day=day), _RENEW)
        return ok(self, _GOOD.filled(day=day))
