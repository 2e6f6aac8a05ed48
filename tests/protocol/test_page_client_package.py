"""The page's client as it is handed over: an npm package, and its size on the wire."""

import gzip
import json
from fnmatch import fnmatch

from tests.kit.page_client import minified, minified_without_sentences
from tests.protocol.vectors import CONTRACT

FOLDER = CONTRACT / "js"

MOST_OCTETS = 15_000
"""What a page may cost: less than a photograph of a hand on a keyboard."""


def test_the_program_without_its_sentences_is_small() -> None:
    assert len(minified_without_sentences()) < MOST_OCTETS


def test_the_whole_client_is_small_as_a_server_sends_it() -> None:
    assert len(gzip.compress(minified())) < MOST_OCTETS


def test_the_package_holds_every_file_of_the_folder() -> None:
    described = json.loads((FOLDER / "package.json").read_text("utf-8"))
    patterns = ["package.json", *described["files"]]
    left_out = [
        path.name
        for path in FOLDER.iterdir()
        if not any(fnmatch(path.name, pattern) for pattern in patterns)
    ]
    assert left_out == []


def test_what_the_package_exports_is_there() -> None:
    described = json.loads((FOLDER / "package.json").read_text("utf-8"))
    for entry in described["exports"].values():
        for path in entry.values():
            assert (FOLDER / path).is_file(), path
