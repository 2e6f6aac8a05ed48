"""The person's own folders, from which each browser's place is reckoned."""

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct


class PersonFolders(Struct, frozen=True):
    """Home, configuration and data (XDG Base Directory Specification 0.8)."""

    home: Path
    config: Path
    data: Path


def is_folder(path: Path) -> bool:
    """Whether a folder is there and can be looked into; somebody else's closed one is not."""
    try:
        return path.is_dir()
    except PermissionError:
        return False


def folders_of(environment: Mapping[str, str] = os.environ) -> PersonFolders:
    """Return the folders that this environment names; relative ones are invalid and ignored."""
    home = Path(environment.get("HOME") or Path.home())
    config = Path(environment.get("XDG_CONFIG_HOME", ""))
    data = Path(environment.get("XDG_DATA_HOME", ""))
    return PersonFolders(
        home=home,
        config=config if config.is_absolute() else home / ".config",
        data=data if data.is_absolute() else home / ".local" / "share",
    )
