"""The command ``signet-verify-service``: judge the configuration, make the table, or serve."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from aiohttp import web

from signet_protocol.service import log
from signet_protocol.service.ledger import Ledger
from signet_protocol.service.problems import Problem
from signet_protocol.service.server import Service
from signet_protocol.service.settings import Address, Configuration
from signet_protocol.verify import PolicyError, TrustAnchorError

LINGERING_SECONDS = 1.0
"""How long the rest of a refused body is read, so that the refusal arrives before the reset."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out the command and return its exit status: 0 well, 1 not well, 2 wrong words."""
    words = _parser().parse_args(arguments)
    log.start()
    try:
        configuration = Configuration.load(words.config, words.listen)
        ledger = Ledger.open(configuration.settings)
    except (PolicyError, TrustAnchorError, OSError) as error:
        return _fail(f"{words.config}: {error}")
    try:
        if words.create_table:
            ledger.create_table()
        if words.check:
            ledger.check()
        if words.create_table or words.check:
            sys.stdout.write(f"{words.config}: usable, nonces in {ledger.kind}\n")
            return 0
        asyncio.run(serve(configuration, ledger))
    except Problem as problem:
        return _fail(f"{words.config}: {problem.code.meaning} ({problem.detail})")
    except OSError as error:
        return _fail(f"cannot listen: {error.strerror or error}")
    finally:
        ledger.close()
    return 0


async def serve(configuration: Configuration, ledger: Ledger) -> None:
    """Serve until SIGTERM or SIGINT; answers under way are given before it returns.

    Raises:
        OSError: the address cannot be listened on.
    """
    settings = configuration.settings
    service = Service(configuration, ledger)
    runner = web.AppRunner(
        service.application(),
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=settings.body_seconds,
        lingering_time=LINGERING_SECONDS,
        shutdown_timeout=settings.grace_seconds,
    )
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    try:
        await runner.setup()
        await _site(runner, configuration.address).start()
        log.write("listening", address=_shown(runner.addresses[0]), nonces=ledger.kind)
        await stopped.wait()
        log.write("stopping")
    finally:
        await runner.cleanup()
        service.close()
    log.write("stopped")


def _site(runner: web.AppRunner, address: Address) -> web.BaseSite:
    if address.path:
        return web.UnixSite(runner, address.path)
    return web.TCPSite(runner, address.host, address.port)


def _shown(name: object) -> str:
    """Return a socket's name as ``--listen`` takes it."""
    if isinstance(name, tuple):
        host, port = name[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return f"unix:{name}"


def _fail(sentence: str) -> int:
    sys.stderr.write(f"signet-verify-service: {sentence}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="signet-verify-service",
        description="Verify logins and signatures for a department's back end, over REST",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('signet')}")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--listen", default="", metavar="ADDRESS", help="instead of the file's: for siblings"
    )
    parser.add_argument(
        "--check", action="store_true", help="judge file, authorities and database; do not serve"
    )
    parser.add_argument(
        "--create-table", action="store_true", help="make the table of nonces, once; do not serve"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
