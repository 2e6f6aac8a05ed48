"""Several processes with one ledger in PostgreSQL, and what happens when it is gone."""

import subprocess
import threading
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.kit.postgresql import PostgreSQL
from tests.kit.verification_service import COMMAND, Reply, RunningService
from tests.protocol.service.department import ORIGIN, configuration, issue, log_in, login_body
from tests.protocol.verify.city import City, write_token

ROUNDS = 10


def shared(dsn: str) -> str:
    return configuration(f'nonces = "{dsn}"')


def test_of_two_processes_that_are_shown_one_nonce_exactly_one_accepts(
    home: Path, city: City, table: str
) -> None:
    signer = city.signer()
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(RunningService.started(home, shared(table))) for _ in range(2)
        )
        for _ in range(ROUNDS):
            nonce = issue(first)
            token = write_token(signer, "p256", origin=ORIGIN, nonce=nonce)
            replies = race([first, second] * 3, login_body(nonce, token))
            assert sorted(reply.json["accepted"] for reply in replies) == [False] * 5 + [True]
            refused = [reply.reasons for reply in replies if not reply.json["accepted"]]
            assert refused == [["login.nonce_unknown"]] * 5


def race(services: list[RunningService], body: dict[str, object]) -> list[Reply]:
    """Send the same login to all at once."""
    together, replies = threading.Barrier(len(services)), list[Reply]()

    def call(service: RunningService) -> None:
        together.wait()
        replies.append(service.post("/v1/logins", body))

    threads = [threading.Thread(target=call, args=(service,)) for service in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return replies


def test_a_nonce_outlives_the_process_that_issued_it(home: Path, city: City, table: str) -> None:
    with RunningService.started(home, shared(table)) as before:
        nonce = issue(before)
    with RunningService.started(home, shared(table)) as after:
        assert after.get("/v1/health").json["nonces"] == "postgresql"
        assert log_in(after, city.signer(), nonce=nonce).json["accepted"]


def test_a_nonce_in_memory_does_not_outlive_its_process(home: Path, city: City) -> None:
    with RunningService.started(home, configuration()) as before:
        nonce = issue(before)
    with RunningService.started(home, configuration()) as after:
        assert log_in(after, city.signer(), nonce=nonce).reasons == ["login.nonce_unknown"]


def test_without_a_table_nobody_logs_in_and_the_operator_is_told(home: Path, table: str) -> None:
    with RunningService.started(home, shared(table)) as service:
        with psycopg.connect(table) as connection:
            connection.execute("DROP TABLE signet_nonce")
        reply = service.get("/v1/health")
        assert (reply.status, reply.json["code"]) == (503, "service.nonces_unavailable")
        assert reply.json["detail"] == "the database answered with UndefinedTable"


def test_a_role_that_may_read_add_and_delete_is_enough(home: Path, city: City, table: str) -> None:
    with psycopg.connect(table) as connection:
        connection.execute('CREATE ROLE "signet-verify" LOGIN')
        connection.execute('GRANT SELECT, INSERT, DELETE ON signet_nonce TO "signet-verify"')
    dsn = table.replace("user=signet ", "user=signet-verify ")
    with RunningService.started(home, shared(dsn)) as service:
        assert log_in(service, city.signer()).json["accepted"]
    with psycopg.connect(table) as connection:
        connection.execute('REVOKE DELETE ON signet_nonce FROM "signet-verify"')
    with RunningService.started(home, shared(dsn)) as service:
        assert service.get("/v1/health").status == 503


def test_a_database_that_comes_back_is_used_again(home: Path, city: City, table: str) -> None:
    with RunningService.started(home, shared(table)) as service:
        issue(service)
        with psycopg.connect(table, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND usename = current_user"
            )
        assert log_in(service, city.signer()).json["accepted"]


def test_a_database_that_is_not_there_lets_nobody_in(home: Path) -> None:
    with RunningService.started(home, shared(f"host={home} dbname=nobody")) as service:
        reply = service.post("/v1/nonces", {"origin": ORIGIN, "session": "s"})
        assert (reply.status, reply.json["code"]) == (503, "service.nonces_unavailable")
        assert str(home) not in reply.body.decode()


@pytest.mark.parametrize("word", ["--create-table", "--check"])
def test_the_table_is_made_once_and_checked(
    home: Path, postgresql: PostgreSQL, table: str, word: str
) -> None:
    with psycopg.connect(table) as connection:
        connection.execute("DROP TABLE signet_nonce")
    file = home / "verification.toml"
    file.write_text(shared(postgresql.dsn), "utf-8")
    words = [*COMMAND, "--config", str(file)]
    missing = subprocess.run([*words, "--check"], capture_output=True, text=True, check=False)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "UndefinedTable" in missing.stderr
    subprocess.run([*words, "--create-table"], check=True, capture_output=True)
    there = subprocess.run([*words, word], capture_output=True, text=True, check=True)
    assert there.stdout == f"{file}: usable, nonces in postgresql\n"
