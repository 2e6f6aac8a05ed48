"""An NSS database, through NSS's own certutil: what Chromium and Firefox read on Linux.

certutil is run without a terminal, so that it cannot ask for a password that we would then have
to know; a store under a primary password is reported as locked and left as it was.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from signet_agent.trust.stores.base import ROOT_NAME_PREFIX, StoreError, StoreFault

CERTUTIL_PACKAGE = "libnss3-tools"
"""The Debian and Ubuntu package that holds certutil; Fedora calls it nss-tools."""

_DATABASE_FILE = "cert9.db"
_TRUST_SERVERS_ONLY = "C,,"
"""certutil's words: believed for servers, not for mail, not for code."""

_DEADLINE_S = 20
"""A call takes 20 ms; SQLite waits some seconds for a browser that is writing."""

_LISTED = re.compile(rf"^({ROOT_NAME_PREFIX}[0-9a-f]+) +([A-Za-z]*),[A-Za-z,]* *$", re.MULTILINE)


class CertutilMissingError(StoreError):
    """certutil is not installed; IT can cure it with one package."""

    def __init__(self) -> None:
        """Name the package in the detail."""
        super().__init__(
            StoreFault.TOOL_MISSING, f"certutil is missing; install the package {CERTUTIL_PACKAGE}"
        )


def find_certutil() -> Path:
    """Return NSS's certutil.

    Raises:
        CertutilMissingError: it is not installed.
    """
    found = shutil.which("certutil")
    if found is None:
        raise CertutilMissingError
    return Path(found)


class NssStore:
    """One NSS database in one folder."""

    def __init__(self, browser: str, folder: Path) -> None:
        """Name the database; nothing is touched yet."""
        self.browser = browser
        self._folder = folder

    @property
    def place(self) -> str:
        """Return the database's folder."""
        return str(self._folder)

    def present(self) -> bool:
        """Whether the database exists."""
        try:
            return (self._folder / _DATABASE_FILE).is_file()
        except PermissionError as error:
            raise StoreError(StoreFault.FOREIGN, str(error)) from error

    def install(self, name: str, root_der: bytes) -> None:
        """Trust the root for servers; the database is made when there is none."""
        self._refuse_foreign_owner()
        if not self.present():
            self._create()
        try:
            self._run("-A", "-n", name, "-t", _TRUST_SERVERS_ONLY, given=root_der)
        except StoreError:
            # A locked database takes the certificate and only then refuses to trust it.
            if name in self.names():
                self.remove(name)
            raise

    def remove(self, name: str) -> None:
        """Take the root of this name out."""
        self._refuse_foreign_owner()
        self._run("-D", "-n", name)

    def names(self) -> tuple[str, ...]:
        """Return the names of our roots."""
        return tuple(self._listed())

    def trusts(self, name: str, root_der: bytes) -> bool:
        """Whether this root is here, the very same, and trusted for servers."""
        if "C" not in self._listed().get(name, ""):
            return False
        return self._run("-L", "-n", name, "-r") == root_der

    def _listed(self) -> dict[str, str]:
        """Return our roots' names with certutil's letters of trust for servers."""
        if not self.present():
            return {}
        listing = self._run("-L").decode("utf-8", "replace")
        return {match[1]: match[2] for match in _LISTED.finditer(listing)}

    def _refuse_foreign_owner(self) -> None:
        """Leave other people's stores alone: files made with sudo would lock their browser out."""
        self.present()
        nearest = next(place for place in (self._folder, *self._folder.parents) if place.exists())
        if nearest.stat().st_uid != os.geteuid():
            message = f"{nearest} belongs to another user; run the command as that user"
            raise StoreError(StoreFault.FOREIGN, message)

    def _create(self) -> None:
        """Make an empty database as a browser would: no password, for this person only."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(StoreFault.DAMAGED, error.strerror or "") from error
        self._run("-N", "--empty-password")

    def _run(self, verb: str, *arguments: str, given: bytes = b"") -> bytes:
        """Run certutil on the database and return what it printed."""
        command = [str(find_certutil()), verb, "-d", f"sql:{self._folder}", *arguments]
        try:
            done = subprocess.run(  # noqa: S603 -- a fixed tool, arguments of our own making
                command,
                input=given,
                capture_output=True,
                timeout=_DEADLINE_S,
                check=False,
                start_new_session=True,
                env={"PATH": os.defpath, "LC_ALL": "C", "HOME": str(self._folder)},
            )
        except subprocess.TimeoutExpired as error:
            message = f"certutil did not end within {_DEADLINE_S} s"
            raise StoreError(StoreFault.SLOW, message) from error
        if done.returncode != 0:
            raise _fault(done.stderr.decode("utf-8", "replace"))
        return done.stdout


def _fault(complaint: str) -> StoreError:
    """Read certutil's complaint."""
    fault = StoreFault.LOCKED if "SEC_ERROR_BAD_PASSWORD" in complaint else StoreFault.DAMAGED
    return StoreError(fault, " ".join(complaint.split()))
