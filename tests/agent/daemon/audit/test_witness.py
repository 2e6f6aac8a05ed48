"""The system log hears the head from the agent, by name and in one line."""

import syslog

import pytest

from signet_agent.daemon.audit.witness import tell_system_log
from signet_protocol.messages import AuditMark

pytestmark = pytest.mark.quick


def test_number_and_head_are_told_where_administrators_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[tuple[object, ...]] = []
    told: list[tuple[object, ...]] = []
    monkeypatch.setattr(syslog, "openlog", lambda *words: opened.append(words))
    monkeypatch.setattr(syslog, "syslog", lambda *words: told.append(words))
    tell_system_log(AuditMark(200, "ab" * 32))
    assert opened == [("signet", 0, syslog.LOG_AUTHPRIV)]
    assert told == [(syslog.LOG_NOTICE, f"audit seq=200 head={'ab' * 32}")]
