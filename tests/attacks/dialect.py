"""The cases' stand-in names, turned into the contract's once and for all.

A case is written for any agent of this kind: its methods have made-up names, and its requests lack
the member by which JSON-RPC names its version. Sent as they are they must be refused; sent in the
contract's own words they must be refused for what the case is about.
"""

import re

METHODS = {
    "list_certificates": "choose",
    "sign_document": "sign",
    "authenticate": "login",
}
"""Whatever else a case calls, such as ping, is an unknown method here."""

PARAMETERS = {"content": "document"}
"""The contract has no file names, so those stay what they are: unknown parameters."""

_METHOD = re.compile(r'("method"\s*:\s*")(\w+)(")')
_PARAMETER = re.compile(r'(")(\w+)("\s*:)')
_REQUEST = re.compile(r'\{(?="(?:id|method|result|error)"\s*:)')


def in_our_words(text: str) -> str:
    """Return a case's text with our names and with the version of JSON-RPC in each request."""
    text = _METHOD.sub(lambda m: m[1] + METHODS.get(m[2], m[2]) + m[3], text)
    text = _PARAMETER.sub(lambda m: m[1] + PARAMETERS.get(m[2], m[2]) + m[3], text)
    if "jsonrpc" in text:
        return text
    return _REQUEST.sub('{"jsonrpc":"2.0",', text)
