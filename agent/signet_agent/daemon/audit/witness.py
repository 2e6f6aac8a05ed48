"""The system log as a witness of the chain's head: another user owns it."""

import syslog

from signet_protocol.messages import AuditMark


def tell_system_log(mark: AuditMark) -> None:
    """Write number and head to syslog (journald on most systems)."""
    syslog.openlog("signet", 0, syslog.LOG_AUTHPRIV)
    syslog.syslog(syslog.LOG_NOTICE, f"audit seq={mark.seq} head={mark.head}")
