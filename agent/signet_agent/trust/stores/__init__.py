"""The stores of this person's browsers; here alone the members are named."""

from signet_agent.trust.stores import chromium, firefox
from signet_agent.trust.stores.base import TrustStore
from signet_agent.trust.stores.folders import PersonFolders
from signet_agent.trust.stores.nss import NssStore


def find_stores(folders: PersonFolders) -> tuple[TrustStore, ...]:
    """Return every store of this person, whether it exists yet or not."""
    members = (chromium, firefox)
    return tuple(
        NssStore(member.BROWSER, database)
        for member in members
        for database in member.databases(folders)
    )
