"""The page's client as a server would send it: one script, minified."""

import subprocess

from tests.kit.source import TOP

ENTRY = "signet.js"


def minified() -> bytes:
    """Return the whole client, as esbuild bundles and minifies it."""
    return _bundle()


def minified_without_sentences() -> bytes:
    """Return the client without the table of errors and their sentences in two languages."""
    return _bundle("--external:./errors.js")


def classic_script() -> str:
    """Return the client for contexts that cannot import: it makes one global, ``signet``."""
    return _bundle("--format=iife", "--global-name=signet").decode()


def _bundle(*options: str) -> bytes:
    words = ["esbuild", ENTRY, "--bundle", "--minify", "--format=esm", "--charset=utf8", *options]
    folder = TOP / "protocol" / "js"
    return subprocess.run(words, check=True, cwd=folder, capture_output=True, timeout=120).stdout
