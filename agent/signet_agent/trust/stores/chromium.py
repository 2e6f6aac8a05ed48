"""Where Chromium, Chrome and Edge on Linux keep the roots a person added."""

from pathlib import Path

from signet_agent.trust.stores.folders import PersonFolders, is_folder

BROWSER = "Chromium"


def databases(folders: PersonFolders) -> tuple[Path, ...]:
    """Return the database that Chromium reads, and the one of its snap where that exists.

    Chromium reads ``~/.pki/nssdb``; only where that is absent, ``pki/nssdb`` in the data folder.
    Where neither exists yet the first is named, to be made.
    """
    first = folders.home / ".pki" / "nssdb"
    second = folders.data / "pki" / "nssdb"
    own = second if is_folder(second) and not is_folder(first) else first
    snap = folders.home / "snap" / "chromium" / "current" / ".pki" / "nssdb"
    return (own, snap) if is_folder(snap) else (own,)
