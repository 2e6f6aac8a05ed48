"""Which sites may speak to the simulator: those on its command line, octet by octet."""

import re

from signet_simulator.errors import OriginError

_HTTPS = re.compile(r"https://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[1-9][0-9]{0,4})?\Z")
"""As a browser writes it (RFC 6454, section 6.2): lower case, no path, no wildcard."""

_LOCAL_HTTP = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:[1-9][0-9]{0,4})?\Z")
"""Plain http on the developer's own machine, which the agent itself never serves."""

_USUAL_PORTS = ("https://", ":443"), ("http://", ":80")


def read_origin(text: str) -> str:
    """Return an origin as it is.

    Raises:
        OriginError: it is not written as a browser writes it, is a wildcard, or is plain http from
            another machine.
    """
    plain = any(text.startswith(scheme) and text.endswith(port) for scheme, port in _USUAL_PORTS)
    if plain or not (_HTTPS.match(text) or _LOCAL_HTTP.match(text)):
        raise OriginError("origin", origin=text)
    return text
