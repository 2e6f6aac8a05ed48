"""Every profile of every Firefox is found, and nothing else."""

from pathlib import Path

import pytest

from signet_agent.trust.stores import find_stores, firefox
from signet_agent.trust.stores.folders import PersonFolders, folders_of

pytestmark = pytest.mark.quick


@pytest.fixture
def folders(tmp_path: Path) -> PersonFolders:
    return folders_of({"HOME": str(tmp_path)})


def _profile(base: Path, name: str, *, listed_as: str = "") -> Path:
    """Make a Firefox profile and add it to the profiles.ini beside it."""
    (base / name).mkdir(parents=True)
    with (base / "profiles.ini").open("a", encoding="utf-8") as listing:
        listing.write(f"[Profile{name}]\nName={name}\nPath={listed_as or name}\n\n")
    return base / name


def test_every_profile_of_every_firefox_is_found(folders: PersonFolders) -> None:
    made = {
        _profile(folders.home / ".mozilla/firefox", "old.default"),
        _profile(folders.home / ".mozilla/firefox", "work"),
        _profile(folders.config / "mozilla/firefox", "new.default-esr"),
        _profile(folders.home / "snap/firefox/common/.mozilla/firefox", "snap"),
        _profile(folders.home / ".var/app/org.mozilla.firefox/.mozilla/firefox", "flatpak"),
    }

    assert set(firefox.databases(folders)) == made


def test_an_absolute_profile_is_found_and_a_deleted_one_is_not(folders: PersonFolders) -> None:
    base = folders.home / ".mozilla/firefox"
    elsewhere = folders.home / "elsewhere"
    elsewhere.mkdir()
    _profile(base, "absolute", listed_as=str(elsewhere))
    _profile(base, "gone").rmdir()

    assert firefox.databases(folders) == (elsewhere,)


def test_a_profile_that_is_listed_twice_is_one_store(folders: PersonFolders) -> None:
    profile = _profile(folders.home / ".mozilla/firefox", "one")
    listing = folders.config / "mozilla/firefox/profiles.ini"
    listing.parent.mkdir(parents=True)
    listing.write_text(f"[Profile0]\nIsRelative=0\nPath={profile}\n", "utf-8")

    assert firefox.databases(folders) == (profile,)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no section\n",
        b"\xff\xfe\x00",
        b"[Profile0]\nName=x\n",
        b"[Install1]\nPath=x\n",
        b"[\n",
    ],
)
def test_a_listing_that_cannot_be_read_lists_nothing(folders: PersonFolders, text: bytes) -> None:
    listing = folders.home / ".mozilla/firefox/profiles.ini"
    listing.parent.mkdir(parents=True)
    listing.write_bytes(text)

    assert firefox.databases(folders) == ()


def test_a_percent_sign_in_a_profiles_name_means_itself(folders: PersonFolders) -> None:
    assert firefox.databases(folders) == ()
    profile = _profile(folders.home / ".mozilla/firefox", "100%(home)s")

    assert firefox.databases(folders) == (profile,)


def test_each_database_becomes_a_store_with_its_browsers_name(folders: PersonFolders) -> None:
    profile = _profile(folders.home / ".mozilla/firefox", "one")

    stores = find_stores(folders)

    assert [(store.browser, store.place) for store in stores] == [
        ("Chromium", str(folders.home / ".pki/nssdb")),
        ("Firefox", str(profile)),
    ]
