"""The trust report in sentences: cause, then state, then cure; Chinese or English."""

from datetime import UTC, datetime

from signet_agent.trust.report import CertificateState, StoreReport, StoreState, TrustReport
from signet_agent.trust.stores.base import StoreFault

_ZH = "zh-Hans"

_CERTIFICATE = {
    CertificateState.ABSENT: (
        "没有安装本机证书。普通连接不受影响，wss 和 https 没有打开。",
        "No certificate for this computer is installed. wss and https are closed; ws is open.",
    ),
    CertificateState.USABLE: (
        "本机证书可以使用，{day} 到期。",
        "The certificate for this computer is in use until {day}.",
    ),
    CertificateState.EXPIRED: (
        "本机证书已在 {day} 到期。请再运行一次 signet trust install。",
        "The certificate for this computer expired on {day}. Run signet trust install again.",
    ),
    CertificateState.DAMAGED: (
        "本机证书的文件不完整。请再运行一次 signet trust install。",
        "The files of the certificate do not belong together. Run signet trust install again.",
    ),
}

_STORE = {
    StoreState.TRUSTS: ("信任", "trusts it"),
    StoreState.LACKS: ("没有我们的证书", "holds no certificate of ours"),
    StoreState.STALE: ("留有一份不再使用的证书", "holds a certificate that is no longer in use"),
    StoreState.ABSENT: ("还没有证书库", "has no certificate store yet"),
    StoreState.UNKNOWN: ("读不到", "cannot be read"),
}

_FAULT = {
    StoreFault.TOOL_MISSING: (
        "电脑里没有 certutil。请安装软件包 libnss3-tools，再运行一次。",
        "certutil is not installed. Install the package libnss3-tools, then run this again.",
    ),
    StoreFault.LOCKED: (
        "这里设了主密码，我们没有改动。请在 Firefox 的“查看证书”里导入 {root}。",
        "A primary password protects it; nothing was changed. Import {root} in Firefox by hand.",
    ),
    StoreFault.DAMAGED: (
        "证书库的文件打不开。请先打开一次浏览器，再运行一次；仍不行请找管理员。",
        "The store's files cannot be used. Open the browser once and run this again, or ask IT.",
    ),
    StoreFault.SLOW: (
        "别的程序正占用证书库。请关闭浏览器，再运行一次。",
        "Another program is using the store. Close the browser and run this again.",
    ),
    StoreFault.FOREIGN: (
        "证书库属于另一位用户，我们没有改动。请用本人的账户运行，不要用 sudo。",
        "It belongs to another user; nothing was changed. Run this as that user, without sudo.",
    ),
}


def trust_report_text(report: TrustReport, language: str, root_file: str) -> str:
    """Return the report as lines for a terminal; ``root_file`` is where root.pem lies."""
    chinese = language == _ZH
    day = datetime.fromtimestamp(report.not_after, UTC).date().isoformat()
    lines = [_pick(_CERTIFICATE[report.certificate], chinese=chinese).format(day=day)]
    for store in report.stores:
        lines += _store_lines(store, root_file, chinese=chinese)
    return "\n".join(lines)


def _store_lines(store: StoreReport, root_file: str, *, chinese: bool) -> list[str]:
    """Return a store's line, and its cure where it has one."""
    colon = "：" if chinese else ": "
    state = _pick(_STORE[store.state], chinese=chinese)
    lines = [f"{store.browser} ({store.place}){colon}{state}"]
    if store.fault is not None:
        lines.append("  " + _pick(_FAULT[store.fault], chinese=chinese).format(root=root_file))
    return lines


def _pick(texts: tuple[str, str], *, chinese: bool) -> str:
    return texts[0] if chinese else texts[1]
