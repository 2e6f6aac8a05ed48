"""The machine policy as records. Texts are per language; ``zh-Hans`` is always there."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from signet_agent.model import Operation

Line = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
"""One line that fits a window; a longer name could push the origin out of sight."""

Identifier = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_./-]{0,63}\Z")]

Text = dict[str, Line]
"""The same words by language: ``zh-Hans`` and ``en``."""


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """How a form of a site is named; ``id`` is the document's member ``form``."""

    id: Identifier
    kind: Text
    title: Text
    labels: dict[str, Text] = {}
    after: tuple[Text, ...] = ()
    total: str | None = None


class KeyFilter(Struct, frozen=True, forbid_unknown_fields=True):
    """Which keys a site may ask for; an empty list narrows nothing."""

    issuers: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


class Site(Struct, frozen=True, forbid_unknown_fields=True):
    """One allowed origin: how it is called, and what it may ask.

    ``plain_until`` is the last day on which old pages of the site may have signatures without
    attributes (the contract, section 5); without it they get none.
    """

    origin: str
    name: Text
    mark: Annotated[str, Meta(min_length=1, max_length=1)]
    operations: tuple[Operation, ...]
    form: tuple[Form, ...] = ()
    keys: KeyFilter = KeyFilter()
    plain_until: date | None = None


class Pkcs11Module(Struct, frozen=True, forbid_unknown_fields=True):
    """A PKCS#11 library that may be loaded.

    Without a ``path`` it is one of the known ones (``known_modules``). ``tokens`` narrows to tokens
    whose labels hold it; ``read_only`` keeps the library from writing files, which some do in
    folders of their own.
    """

    name: Identifier
    path: str = ""
    tokens: Annotated[str, Meta(max_length=32)] = ""
    read_only: bool = False


class Card(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of card that is used without its vendor's middleware, over PC/SC.

    ``reader`` narrows to readers whose names hold it; ``exclusive`` keeps other programs off the
    card while it is used.
    """

    profile: Literal["piv", "citizen"]
    name: Identifier = "card"
    reader: Annotated[str, Meta(max_length=120)] = ""
    exclusive: bool = False


class SkfModule(Struct, frozen=True, forbid_unknown_fields=True):
    """A library of GM/T 0016 that may be loaded, and how its maker built it (see ``SkfForm``)."""

    name: Identifier
    path: str
    ulong_size: Literal[4, 8] = 4
    packed: bool = True
    convention: Literal["cdecl", "stdcall"] = "cdecl"
    digest_info: bool = True
    events: bool = False
    decrypt: Annotated[str, Meta(pattern=r"^(SKF_[A-Za-z0-9_]{1,60})?\Z")] = ""


class SoftwareToken(Struct, frozen=True, forbid_unknown_fields=True):
    """The embedded software token: for demonstrations, only where named here."""

    path: str
    name: Identifier = "software"


class AuditRules(Struct, frozen=True, forbid_unknown_fields=True):
    """How long the log keeps its records; without ``keep_days`` for good."""

    keep_days: Annotated[int, Meta(ge=180, le=36_500)] | None = None


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything IT decides for this machine.

    ``find_modules`` loads every known driver that is installed.
    """

    version: Annotated[int, Meta(ge=1, le=1)]
    find_modules: bool = False
    site: tuple[Site, ...] = ()
    module: tuple[Pkcs11Module, ...] = ()
    skf: tuple[SkfModule, ...] = ()
    card: tuple[Card, ...] = ()
    software: tuple[SoftwareToken, ...] = ()
    audit: AuditRules = AuditRules()


EMPTY_POLICY = Policy(version=1)
"""What stands where no valid policy is: it allows nothing."""


def in_language(text: Text, language: str) -> str:
    """Return the words in a language, Chinese where they are missing in it."""
    return text.get(language, text["zh-Hans"])
