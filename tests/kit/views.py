"""What the daemon tells tray and status window, as samples."""

from time import time

from signet_agent.channel.desktop_messages import AgentView, RecentAct, RefusedSite, SiteLine
from signet_agent.model import Algorithm, Certificate, KeyUse, PinState, Token

_DAY_S = 86_400
_NOW = int(time())


def certificate_of(
    *,
    days: int,
    uses: tuple[KeyUse, ...] = (KeyUse.LOGIN, KeyUse.SIGN),
    organisation: str = "云汀样例科技有限公司",
) -> Certificate:
    """Return a certificate that expires in so many days."""
    return Certificate(
        key="pkcs11:softhsm/59542025E0014821/01",
        token="pkcs11:softhsm/59542025E0014821",
        der=b"certificate",
        spki=b"key",
        holder="张三 样例",
        organisation=organisation,
        issuer="云汀市证书服务中心（示例）企业 CA",
        serial="59542025E001482101",
        not_before=_NOW - 300 * _DAY_S,
        not_after=_NOW + days * _DAY_S,
        uses=uses,
        algorithm=None if KeyUse.OPEN in uses else Algorithm.RS256,
    )


def token_of(*certificates: Certificate) -> Token:
    """Return a USB key with these certificates."""
    return Token(
        uri="pkcs11:softhsm/59542025E0014821",
        label="SIGNET-E1",
        serial="59542025E0014821",
        kind="usb-key",
        pin=PinState(6),
        certificates=certificates,
    )


VIEW = AgentView(
    state="token",
    sentence="正在运行，证书可以使用",
    version="0.1.0",
    tokens=(token_of(certificate_of(days=20), certificate_of(days=20, uses=(KeyUse.OPEN,))),),
    sites=(
        SiteLine("https://guoshui.localhost:8443", "市国家税务局", "税", ("login", "sign")),
        SiteLine("https://gongshang.localhost:8443", "市工商行政管理局", "商", ("login",)),
    ),
    recent=(
        RecentAct(_NOW, "市国家税务局", "sign", "增值税纳税申报表（月报）", "4821", "done"),
        RecentAct(_NOW - _DAY_S, "市国家税务局", "login", "", "", "user.refused"),
    ),
    refused=(RefusedSite("https://guoshui-yunting.example", 3, _NOW),),
)
"""An agent at work, with a certificate that soon expires."""
