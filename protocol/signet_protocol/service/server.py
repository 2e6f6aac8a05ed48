"""The service on HTTP: routes, bounds of a request, problems, and one line of log for each.

aiohttp reads the requests. Its bounds on lines and headers hold before anything here is asked.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from time import perf_counter
from typing import Any
from uuid import uuid4

from aiohttp import web
from msgspec import json

from signet_protocol.service import log
from signet_protocol.service.ledger import Ledger
from signet_protocol.service.messages import Health
from signet_protocol.service.openapi import describe
from signet_protocol.service.operations import Answer, Operations
from signet_protocol.service.problems import Problem, ProblemCode
from signet_protocol.service.settings import Configuration, ServiceSettings
from signet_protocol.service.workers import Workers

RETRY_SECONDS = 1
"""When a back end may ask again; the queue of a busy service is a fraction of this."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Operation = Callable[[bytes], Answer]

_OF_STATUS = {
    HTTPStatus.NOT_FOUND: ProblemCode.REQUEST_NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED: ProblemCode.REQUEST_METHOD_UNSUPPORTED,
}
"""The errors that aiohttp's routes raise by themselves."""


@dataclass(slots=True)
class _Line:
    """What the log is told of one request, as it becomes known."""

    number: str
    started: float
    answer: Answer | None = None
    code: str = ""


_LINE = web.RequestKey("line", _Line)


class Service:
    """The routes over one configuration; made within a running event loop.

    Args:
        configuration: what is accepted and how.
        ledger: of nonces, opened from the same configuration.
    """

    def __init__(self, configuration: Configuration, ledger: Ledger) -> None:
        settings = configuration.settings
        self._settings = settings
        self._ledger = ledger
        self._workers = Workers(settings.threads, settings.waiting, settings.answer_seconds)
        self._operations = Operations(configuration.verifier, ledger, settings.origins)
        self._description = json.encode(describe(settings.origins))
        self._health = json.encode(Health("ok", version("signet"), ledger.kind))

    def application(self) -> web.Application:
        """Return the application with all routes."""
        application = web.Application(middlewares=[self._answer])
        router, operations = application.router, self._operations
        router.add_post("/v1/nonces", self._operate(operations.issue_nonce))
        router.add_post("/v1/logins", self._operate(operations.verify_login))
        router.add_post("/v1/signatures", self._operate(operations.verify_signature))
        router.add_post("/v1/timestamps", self._operate(operations.verify_time_stamp))
        router.add_get("/v1/health", self._tell_health, allow_head=False)
        router.add_get("/openapi.json", self._tell_description, allow_head=False)
        return application

    def close(self) -> None:
        """Start no more work; the ledger is closed by who opened it."""
        self._workers.close()

    def _operate(self, operation: Operation) -> Handler:
        async def handle(request: web.Request) -> web.Response:
            body = await read_body(request, self._settings)
            answer = await self._workers.run(lambda: operation(body))
            request[_LINE].answer = answer
            return _json(answer.body)

        return handle

    async def _tell_health(self, _: web.Request) -> web.Response:
        await self._workers.run(self._ledger.check)
        return _json(self._health)

    async def _tell_description(self, _: web.Request) -> web.Response:
        return _json(self._description)

    @web.middleware
    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn whatever happens into one answer and one line of log."""
        line = request[_LINE] = _Line(uuid4().urn, perf_counter())
        response = await self._respond(request, handler, line)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Server"] = "signet-verify-service"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Request-Id"] = line.number
        _write_line(request, response, line)
        return response

    async def _respond(
        self, request: web.Request, handler: Handler, line: _Line
    ) -> web.StreamResponse:
        try:
            _require_back_end(request)
            return await handler(request)
        except Problem as problem:
            return _refuse(problem, line)
        except web.HTTPException as error:
            code = _OF_STATUS.get(HTTPStatus(error.status), ProblemCode.SERVICE_FAULT)
            response = _refuse(Problem(code), line)
            if "Allow" in error.headers:
                response.headers["Allow"] = error.headers["Allow"]
            return response
        except Exception as error:  # noqa: BLE001 -- the last resort: the log has it, nobody else
            log.write_fault(error, id=line.number)
            return _refuse(Problem(ProblemCode.SERVICE_FAULT), line)


async def read_body(request: web.Request, settings: ServiceSettings) -> bytes:
    """Return a request's body, within its bounds.

    Raises:
        Problem: another media type, compressed, too large, or too slow.
    """
    charset = (request.charset or "utf-8").lower()
    coding = request.headers.get("Content-Encoding", "identity").lower()
    if (request.content_type, charset, coding) != ("application/json", "utf-8", "identity"):
        raise Problem(ProblemCode.REQUEST_MEDIA_TYPE_UNSUPPORTED)
    if (request.content_length or 0) > settings.max_body_bytes:
        raise _too_large(settings)
    body = bytearray()
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > settings.max_body_bytes:
                    raise _too_large(settings)
    except TimeoutError:
        raise Problem(ProblemCode.REQUEST_TOO_SLOW) from None
    return bytes(body)


def _too_large(settings: ServiceSettings) -> Problem:
    limit = f"the limit is {settings.max_body_bytes} octets"
    return Problem(ProblemCode.REQUEST_TOO_LARGE, limit)


def _require_back_end(request: web.Request) -> None:
    """Refuse what a browser sends for a page: no back end writes an Origin (RFC 6454, 7.3)."""
    if "Origin" in request.headers:
        raise Problem(ProblemCode.REQUEST_FROM_PAGE)


def _json(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def _refuse(problem: Problem, line: _Line) -> web.Response:
    line.code = problem.code.value
    response = web.Response(
        status=problem.code.status,
        body=json.encode(problem.details(line.number)),
        content_type="application/problem+json",
    )
    if problem.code.retry:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    if problem.code in (ProblemCode.REQUEST_TOO_SLOW, ProblemCode.REQUEST_TOO_LARGE):
        # What still comes of the body is not read.
        response.force_close()
    return response


def _write_line(request: web.Request, response: web.StreamResponse, line: _Line) -> None:
    resource = request.match_info.route.resource
    members: dict[str, Any] = {
        "id": line.number,
        "method": request.method if resource else "",
        "route": resource.canonical if resource else "",
        "status": response.status,
        "ms": round((perf_counter() - line.started) * 1000, 1),
    }
    if line.code:
        members["code"] = line.code
    if line.answer is not None and line.answer.accepted is not None:
        members |= {"accepted": line.answer.accepted, "reasons": line.answer.reasons}
    log.write("request", **members)
