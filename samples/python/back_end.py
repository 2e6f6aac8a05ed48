"""A department's back end in Python: login, and a form that is signed. Library only, no framework.

    python samples/python/back_end.py verification.toml https://portal.city.example 8080

It listens on the loopback; in front of it stands the web server that speaks https and serves the
pages. The pages post JSON: /nonce, /login, /form, /signature. Policy and authorities come from
verification.toml (docs/verification.md). Sessions live in memory here; a real back end has its own.
"""

import json
import re
import secrets
import sys
from dataclasses import dataclass
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

from signet_protocol.messages import decode_base64
from signet_protocol.verify import (
    Holder,
    LoginReport,
    MemoryNonces,
    SignatureReport,
    VerificationError,
    Verifier,
)

MAX_BODY_BYTES = 1024 * 1024
"""The largest signature that the library accepts, in base64, with room."""

MAX_SESSIONS = 10_000
"""The oldest goes when there are more; a real back end has a store with an expiry."""

Answer = dict[str, Any]
Member = TypeVar("Member", str, dict[str, Any])


class RefusedError(Exception):
    """The page is told this sentence, with this status."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass
class Session:
    """One browser: who logged in, and the form that waits for a signature."""

    holder: Holder | None = None
    form: bytes = b""


class Department:
    """What the pages may ask for; knows no HTTP."""

    def __init__(self, verifier: Verifier, origin: str) -> None:
        self._verifier = verifier
        self._origin = origin  # from the command line, never from a request
        self._nonces = MemoryNonces()
        self._sessions: dict[str, Session] = {}

    def issue_nonce(self, name: str) -> tuple[Answer, str]:
        """Return a nonce, and the session that it counts in."""
        if name not in self._sessions:
            name = self._open(Session())
        return {"nonce": self._nonces.issue(name)}, name

    def log_in(self, name: str, body: Answer) -> tuple[Answer, str]:
        """Return who logged in, and a new session: the old name was known before the login."""
        nonce, token = _read(body, "nonce", str), _read(body, "token", dict)
        try:
            self._nonces.redeem(nonce, name)
        except VerificationError as error:
            raise RefusedError(403, error.reason.sentence) from None
        report = self._verifier.login(token, origin=self._origin, nonce=nonce)
        _require(report)
        holder = _holder(report)
        if not holder.cid:
            # Later signatures are compared with it, and nothing is equal to nothing.
            raise RefusedError(403, "证书里没有身份号码，您还没有登录。请换一张证书，再登录一次。")
        self._sessions.pop(name, None)
        return {"name": holder.name}, self._open(Session(holder))

    def show_form(self, name: str) -> tuple[Answer, str]:
        """Return the form to sign. What is verified later is this copy, not the page's."""
        session = self._logged_in(name)
        session.form = b'{"form":"gs1/1","tax_due":"12840.00"}'
        return {"document": session.form.decode("utf-8")}, name

    def take_signature(self, name: str, body: Answer) -> tuple[Answer, str]:
        """Accept the form once it carries the signature of who is logged in."""
        session = self._logged_in(name)
        if not session.form:
            raise RefusedError(409, "没有等待签名的表格，文件没有被接收。请先打开表格。")
        try:
            signature = decode_base64(_read(body, "signature", str))
        except ValueError:
            raise RefusedError(400, "signature is not base64") from None
        report = self._verifier.signature(signature, content=session.form)
        _require(report)
        if session.holder is None or _holder(report).cid != session.holder.cid:
            raise RefusedError(403, "签名的人不是登录的人，文件没有被接收。请用登录时的证书签名。")
        return {"accepted": True, "digest": report.digest}, name

    def _open(self, session: Session) -> str:
        while len(self._sessions) >= MAX_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        name = secrets.token_urlsafe(32)
        self._sessions[name] = session
        return name

    def _logged_in(self, name: str) -> Session:
        session = self._sessions.get(name, Session())
        if session.holder is None:
            raise RefusedError(403, "您还没有登录。请先登录。")
        return session


def _require(report: LoginReport | SignatureReport) -> None:
    for error in report.errors:
        raise RefusedError(403, error.sentence)


def _holder(report: LoginReport | SignatureReport) -> Holder:
    if report.holder is None:
        raise RefusedError(403, "the certificate names nobody")
    return report.holder


def _read(body: Answer, member: str, kind: type[Member]) -> Member:
    value = body.get(member)
    if not isinstance(value, kind):
        raise RefusedError(400, f"{member} is missing or of another type")
    return value


class Handler(BaseHTTPRequestHandler):
    """HTTP and JSON around one department."""

    department: Department

    def do_POST(self) -> None:
        """Answer one request of a page."""
        try:
            answer, name = self._carry_out(self._read_session())
            self._send(200, answer, name)
        except RefusedError as refused:
            self._send(refused.status, {"error": str(refused)})

    def _carry_out(self, name: str) -> tuple[Answer, str]:
        body = self._read_body()
        if self.path == "/nonce":
            return self.department.issue_nonce(name)
        if self.path == "/login":
            return self.department.log_in(name, body)
        if self.path == "/form":
            return self.department.show_form(name)
        if self.path == "/signature":
            return self.department.take_signature(name, body)
        raise RefusedError(404, "there is no such page")

    def _read_session(self) -> str:
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("session")
        return cookie.value if cookie else ""

    def _read_body(self) -> Answer:
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,9}", length):
            raise RefusedError(411, "the body has no length, or is far too large")
        # Read first: a refusal that meets the body on its way would be lost.
        octets = self.rfile.read(min(int(length), MAX_BODY_BYTES + 1))
        if len(octets) > MAX_BODY_BYTES:
            raise RefusedError(413, "the body is too large")
        # A form of another site cannot have this type, so no page of another site gets in.
        if self.headers.get_content_type() != "application/json":
            raise RefusedError(415, "the body has to be application/json")
        try:
            body = json.loads(octets)
        except (ValueError, RecursionError):
            raise RefusedError(400, "the body is not JSON") from None
        if not isinstance(body, dict):
            raise RefusedError(400, "the body is no object")
        return body

    def _send(self, status: int, answer: Answer, session: str = "") -> None:
        body = json.dumps(answer, ensure_ascii=False).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if session:
            kept = f"session={session}; Path=/; Secure; HttpOnly; SameSite=Strict"
            self.send_header("Set-Cookie", kept)
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Listen on the loopback until interrupted."""
    policy, origin, port = sys.argv[1:]
    Handler.department = Department(Verifier.load(Path(policy)), origin)
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
