"""Where the service keeps its nonces: in itself, or in a database with its siblings."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Literal, Self

from signet_protocol.service.problems import Problem, ProblemCode
from signet_protocol.service.settings import ServiceSettings
from signet_protocol.verify import (
    MemoryNonces,
    NonceLedger,
    PolicyError,
    SqlNonces,
    VerificationError,
    new_nonce,
)

CONNECTION_SECONDS = 5.0
"""A database on the same network answers in a hundredth; then the back end is told to try again."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger of nonces, and what to do when it does not answer.

    Attributes:
        kind: where the nonces are.
        nonces: the library's own ledger.
        failures: the driver's errors.
        close: gives the connections back.
    """

    kind: Literal["memory", "postgresql"]
    nonces: NonceLedger
    failures: tuple[type[Exception], ...] = ()
    close: Callable[[], object] = ExitStack().close

    @classmethod
    def open(cls, settings: ServiceSettings) -> Self:
        """Open the ledger of a configuration; a database need not answer yet.

        Raises:
            PolicyError: the connection string cannot be used.
        """
        if not settings.nonces:
            return cls("memory", MemoryNonces())
        # Only who keeps nonces in PostgreSQL loads the driver.
        import psycopg
        from psycopg_pool import ConnectionPool

        _judge_connection(settings.nonces)
        pool = ConnectionPool(
            settings.nonces,
            min_size=1,
            max_size=settings.threads,
            timeout=CONNECTION_SECONDS,
            check=ConnectionPool.check_connection,
            close_returns=True,
            open=True,
        )
        nonces = SqlNonces(pool.getconn, paramstyle="format")
        return cls("postgresql", nonces, (psycopg.Error,), pool.close)

    def issue(self, session: str) -> str:
        """Return a new nonce for a session.

        Raises:
            Problem: the database does not answer.
        """
        with self._answering():
            return self.nonces.issue(session)

    def redeem(self, nonce: str, session: str) -> None:
        """Use a nonce up.

        Raises:
            VerificationError: unknown, another session's, used or too old.
            Problem: the database does not answer.
        """
        with self._answering():
            self.nonces.redeem(nonce, session)

    def check(self) -> None:
        """Find out whether nonces can be redeemed, with one that nobody was given.

        Raises:
            Problem: the database does not answer, or has no table for them.
        """
        with suppress(VerificationError):
            self.redeem(new_nonce(), "")

    def create_table(self) -> None:
        """Make the database's table, where it is not there yet.

        Raises:
            Problem: the database does not answer or does not allow it.
        """
        if isinstance(self.nonces, SqlNonces):
            with self._answering():
                self.nonces.create_table()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except self.failures as error:
            detail = f"the database answered with {type(error).__name__}"
            raise Problem(ProblemCode.SERVICE_NONCES_UNAVAILABLE, detail) from error


def _judge_connection(text: str) -> None:
    """Refuse a password: configurations are copied, mailed and kept in repositories."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        members = conninfo_to_dict(text)
    except psycopg.ProgrammingError:
        # The driver's own sentence would quote the text.
        raise PolicyError("service.nonces is not a connection string of libpq") from None
    if members.get("password"):
        raise PolicyError("service.nonces holds a password; it belongs in libpq's passfile")
