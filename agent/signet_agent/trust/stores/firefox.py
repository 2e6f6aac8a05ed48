"""Where Firefox on Linux keeps its roots: one database in each profile."""

import configparser
from pathlib import Path

from signet_agent.trust.stores.folders import PersonFolders, is_folder

BROWSER = "Firefox"


def databases(folders: PersonFolders) -> tuple[Path, ...]:
    """Return the folder of every profile that exists, of the plain, snap and flatpak Firefox."""
    found: dict[Path, None] = {}
    for base in _bases(folders):
        for profile in _profiles(base):
            found.setdefault(profile.resolve())
    return tuple(found)


def _bases(folders: PersonFolders) -> tuple[Path, ...]:
    """Return the folders that may hold a profiles.ini; new installations use the second."""
    return (
        folders.home / ".mozilla" / "firefox",
        folders.config / "mozilla" / "firefox",
        folders.home / "snap" / "firefox" / "common" / ".mozilla" / "firefox",
        folders.home / ".var" / "app" / "org.mozilla.firefox" / ".mozilla" / "firefox",
        folders.home / ".var" / "app" / "org.mozilla.firefox" / "config" / "mozilla" / "firefox",
    )


def _profiles(base: Path) -> list[Path]:
    """Return the profiles that a profiles.ini lists; one that cannot be read lists none."""
    listing = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        listing.read_string((base / "profiles.ini").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return []
    sections = (listing[name] for name in listing.sections() if name.startswith("Profile"))
    named = [section["Path"] for section in sections if section.get("Path")]
    # Joining leaves an absolute path as it is, which is what IsRelative=0 means.
    return [base / path for path in named if is_folder(base / path)]
