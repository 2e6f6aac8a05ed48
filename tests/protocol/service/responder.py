"""An authority's site with its revocation list, which can be slow, broken or gone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509

from tests.protocol.verify.city import City
from tests.protocol.verify.draft import Signer
from tests.protocol.verify.status import List

PATIENCE_SECONDS = 60
"""A held answer is let go by the test long before."""


class Responder:
    """A site on the loopback.

    Attributes:
        crl: the list it hands out.
        asked: set when somebody asks for it.
        answering: cleared to hold answers back, set to let them go.
    """

    def __init__(self) -> None:
        self.crl = b""
        self.asked = threading.Event()
        self.answering = threading.Event()
        self.answering.set()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.set()
                site.answering.wait(PATIENCE_SECONDS)
                self.send_response(200)
                self.send_header("Content-Length", str(len(site.crl)))
                self.end_headers()
                self.wfile.write(site.crl)

            def log_message(self, *words: object) -> None:
                """Be silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["Responder"]:
        """Answer until the end of the block."""
        site = cls()
        thread = threading.Thread(target=site.server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield site
        finally:
            site.answering.set()
            site.server.shutdown()
            site.server.server_close()
            thread.join()

    def rules(self, mode: str = "require") -> str:
        """Return the policy's lines on revocation: this site is asked for people only."""
        return f'mode = "{mode}"\nauthorities = false\nhosts = ["{self.host}"]'

    def signer(self, city: City, *, revoked: bool = False) -> Signer:
        """Return a citizen whose certificate names this site, and publish the list."""
        address = x509.UniformResourceIdentifier(f"http://{self.host}/citizen.crl")
        point = x509.DistributionPoint([address], None, None, None)
        signer = city.signer(extensions=[(x509.CRLDistributionPoints([point]), False)])
        listed = (signer.certificate,) if revoked else ()
        self.crl = List(city.hierarchy.citizen, revoked=listed).der()
        return signer
