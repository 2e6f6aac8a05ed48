"""The log: what was asked, what was agreed, what came of it; chained, durable, without content."""

from signet_agent.daemon.audit.act import Act
from signet_agent.daemon.audit.log import AuditLog, Entry
from signet_agent.daemon.audit.storage import RecordStorage, SqliteStorage
from signet_agent.daemon.audit.verification import ChainReport, read_marks, verify_chain

__all__ = [
    "Act",
    "AuditLog",
    "ChainReport",
    "Entry",
    "RecordStorage",
    "SqliteStorage",
    "read_marks",
    "verify_chain",
]
