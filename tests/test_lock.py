"""requirements.lock and pyproject.toml say the same, and the lock can be trusted."""

import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.kit.source import TOP

pytestmark = pytest.mark.quick

_PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; [^\\]+)? \\$", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


def _lock() -> str:
    return (TOP / "requirements.lock").read_text("utf-8")


def _wanted() -> list[Requirement]:
    """Return everything that pyproject.toml asks for: run time, extras, groups, build."""
    with (TOP / "pyproject.toml").open("rb") as file:
        project: dict[str, Any] = tomllib.load(file)
    texts = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for group in project["project"]["optional-dependencies"].values():
        texts += group
    for group in project["dependency-groups"].values():
        texts += [entry for entry in group if isinstance(entry, str)]
    return [Requirement(text) for text in texts]


def test_every_requirement_is_locked_to_a_version_it_allows() -> None:
    pinned = {canonicalize_name(name): version for name, version in _PINNED.findall(_lock())}

    for requirement in _wanted():
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not locked"
        assert requirement.specifier.contains(version), f"{requirement} is locked to {version}"


def test_every_locked_package_has_a_hash() -> None:
    blocks = re.split(r"^(?=[a-z0-9-]+==)", _lock(), flags=re.MULTILINE)[1:]

    assert len(blocks) == len(_PINNED.findall(_lock()))
    assert [block.split("=")[0] for block in blocks if not _HASH.search(block)] == []


def test_the_lock_names_no_place_to_fetch_from() -> None:
    assert not re.search(r"https?:|--(?:extra-)?index-url|--find-links", _lock())
