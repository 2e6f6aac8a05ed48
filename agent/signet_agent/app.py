"""The daemon's side of the wiring: with ``rooms`` the only file that names concrete classes."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from signet_agent import __version__
from signet_agent.channel.desktop_messages import AgentState, AgentView, ViewAnswer, WindowAnswer
from signet_agent.channel.document_messages import DocumentAnswer
from signet_agent.channel.token_messages import OpenModule, SkfForm, TokenAnswer
from signet_agent.daemon.audit import AuditLog, RecordStorage, SqliteStorage
from signet_agent.daemon.audit.log import Witness
from signet_agent.daemon.consent import Consent
from signet_agent.daemon.dispatcher import Dispatcher
from signet_agent.daemon.document_room import FORMATS, MEDIA_TYPES, DocumentRoom
from signet_agent.daemon.endpoints.conversation import Service
from signet_agent.daemon.endpoints.ports import Ports
from signet_agent.daemon.keyring import Keyring, KeyStore
from signet_agent.daemon.operations.base import Documents
from signet_agent.daemon.operations.choose import ChooseOperation
from signet_agent.daemon.operations.decrypt import DecryptOperation
from signet_agent.daemon.operations.login import LoginOperation
from signet_agent.daemon.operations.sign import SignOperation
from signet_agent.daemon.operations.sign_batch import SignBatchOperation
from signet_agent.daemon.operations.sign_file import MEDIA_TYPE, SignFileOperation
from signet_agent.daemon.peers import PeerCheck, is_own_user
from signet_agent.daemon.policy import Decider, Policy, modules_in
from signet_agent.daemon.policy.model import SkfModule
from signet_agent.daemon.preparation import PLAIN, PLAIN_MEDIA_TYPES, Preparation, today
from signet_agent.daemon.presence import Presence, recent_acts, sentence, site_lines
from signet_agent.daemon.prompts.base import Prompt
from signet_agent.daemon.prompts.desktop import DesktopPrompt
from signet_agent.daemon.refusals import Refusals
from signet_agent.daemon.token_room import TokenRoom
from signet_agent.daemon.token_watch import TokenWatch
from signet_agent.daemon.uploads import Uploads
from signet_agent.errors import AgentError, SettingsError
from signet_agent.model import Operation
from signet_agent.processes import Room, start_room
from signet_agent.settings import Settings
from signet_protocol import PROTOCOL_VERSION
from signet_protocol.messages import Choose, Decrypt, HelloResult, Login, Sign, SignBatch, SignFile

_log = logging.getLogger(__name__)

REFRESH_DELAY_S = 0.2
"""Changes within this time reach tray and status window as one."""


@dataclass(frozen=True)
class Parts:
    """What touches the world: keys, windows, the disk, the network. Tests hand in their own."""

    stores: Sequence[KeyStore]
    prompt: Prompt
    documents: Documents
    storage: RecordStorage
    witness: Witness
    is_own_user: PeerCheck
    context: ssl.SSLContext | None = None


def real_parts(settings: Settings, policy: Policy) -> Parts:
    """Return the parts of a shipped agent.

    Raises:
        AuditUnavailableError: the log cannot be opened.
        SettingsError: the loopback certificate cannot be used.
    """
    from signet_agent.daemon.audit.witness import tell_system_log
    from signet_agent.daemon.endpoints.certificate import tls_context

    return Parts(
        stores=token_rooms(policy),
        prompt=DesktopPrompt(_start_window),
        documents=DocumentRoom(_start_document_room),
        storage=SqliteStorage(settings.audit_file),
        witness=tell_system_log,
        is_own_user=is_own_user,
        context=tls_context(settings.tls_dir),
    )


def token_rooms(policy: Policy) -> list[TokenRoom]:
    """Return a room, not started yet, for each key store that policy names."""
    modules = [
        OpenModule(m.name, "pkcs11", m.path, tokens=m.tokens, read_only=m.read_only)
        for m in modules_in(policy)
    ]
    modules += [OpenModule(s.name, "software", s.path) for s in policy.software]
    rooms = [TokenRoom(module, _start_token_room) for module in modules]
    cards = [
        OpenModule(c.name, "card", profile=c.profile, reader=c.reader, exclusive=c.exclusive)
        for c in policy.card
    ]
    rooms += [TokenRoom(card, _start_card_room) for card in cards]
    return rooms + [TokenRoom(_skf_module(m), _start_skf_room) for m in policy.skf]


def _skf_module(m: SkfModule) -> OpenModule:
    form = SkfForm(m.ulong_size, m.packed, m.convention, m.digest_info, m.events, m.decrypt)
    return OpenModule(m.name, "skf", m.path, skf=form)


async def _start_token_room() -> Room[TokenAnswer]:
    # A vendor's module may print anything, a PIN included: its room's error stream is discarded.
    return await start_room("tokens", TokenAnswer, quiet=True)


async def _start_card_room() -> Room[TokenAnswer]:
    return await start_room("cards", TokenAnswer, quiet=True)


async def _start_skf_room() -> Room[TokenAnswer]:
    return await start_room("skf", TokenAnswer, quiet=True)


async def _start_document_room() -> Room[DocumentAnswer]:
    return await start_room("documents", DocumentAnswer)


async def _start_window() -> Room[WindowAnswer]:
    return await start_room("window", WindowAnswer)


async def _start_tray() -> Room[ViewAnswer]:
    return await start_room("tray", ViewAnswer)


async def _start_status() -> Room[ViewAnswer]:
    return await start_room("status", ViewAnswer)


class Agent:
    """A running daemon: everything between the ports and the parts."""

    def __init__(self, settings: Settings, policy: Policy, parts: Parts, trouble: str = "") -> None:
        """Wire it; ``trouble`` says why the policy allows nothing, if that is so."""
        self._settings = settings
        self._parts = parts
        self._trouble = trouble
        self._decider = Decider(policy)
        self._keys = Keyring(parts.stores)
        self._log = AuditLog(parts.storage, parts.witness)
        self._consent = Consent(parts.prompt, self._keys)
        self._uploads = Uploads(settings.state_dir)
        preparation = Preparation(parts.documents, settings.language)
        self.dispatcher = Dispatcher(
            self._decider,
            {
                Login: LoginOperation(),
                Choose: ChooseOperation(),
                Sign: SignOperation(preparation),
                SignBatch: SignBatchOperation(preparation),
                SignFile: SignFileOperation(preparation, self._uploads),
                Decrypt: DecryptOperation(parts.documents),
            },
            self._consent,
            self._keys,
            self._log,
            settings.language,
        )
        self._refusals = Refusals(self._log)
        service = Service(
            self.dispatcher,
            self._uploads,
            lambda: self._log.mark,
            self._offer,
            self._greeted,
            self._changed,
        )
        self.ports = Ports(service, self._decider.allows_origin, self._refusals.note, parts)
        self.presence = Presence(
            _start_tray,
            _start_status,
            self.describe,
            self.obey,
        )
        self.stopped = asyncio.Event()
        self._watch = TokenWatch(self._keys, parts.stores, self._changed)
        self._tasks: set[asyncio.Task[None]] = set()
        self._refresh: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Open the log, then the ports.

        Raises:
            AuditUnavailableError: no log, no agent.
            SettingsError: all eight ports are taken.
        """
        keep_days = self._decider.policy.audit.keep_days
        if keep_days is not None:
            await self._log.prune(keep_days)
        await self._log.open(__version__)
        try:
            self.ports.open(self._settings.base_port, self._settings.tls_base_port)
        except SettingsError:
            await self._log.close()
            raise
        self._watch.start()

    async def stop(self) -> None:
        """Close the ports, end the rooms, close the log."""
        await self.ports.close()
        self._uploads.end()
        await self._watch.end()
        if self._refresh is not None:
            self._refresh.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._consent.end()
        await self._keys.end()
        for part in (self.presence, *self._parts.stores, self._parts.documents, self._parts.prompt):
            end = getattr(part, "end", None)
            if end is not None:
                await end()
        await self._refusals.flush()
        await self._log.close()

    async def obey(self, action: str) -> None:
        """Do what the person chose in tray, status window or by a command."""
        if action == "quit":
            self.stopped.set()
        elif action == "status":
            await self._keys.tokens()
            await self.presence.show_status()
        else:
            self.dispatcher.paused = action == "pause"
            self._changed()

    async def describe(self) -> AgentView:
        """Return what tray and status window show."""
        language = self._settings.language
        sites = site_lines(self._decider.policy, language)
        state = self._state()
        return AgentView(
            state=state,
            sentence=sentence(state, language, has_looked=self._keys.has_looked),
            version=__version__,
            tokens=self._keys.last_seen,
            sites=sites,
            recent=await self._log.consult(lambda storage: recent_acts(storage, sites)),
            refused=self._refusals.sites(),
            language=language,
        )

    def _state(self) -> AgentState:
        if self._trouble:
            return "trouble"
        if self.dispatcher.paused:
            return "paused"
        if self._consent.is_open:
            return "waiting"
        return "token" if self._keys.last_seen else "idle"

    def _offer(self, origin: str) -> HelloResult:
        """Return what a greeting promises a site: what policy allows it, today."""
        offer = self._decider.offer(origin, today())
        methods = [operation.value for operation in offer.operations]
        formats, media_types = [*FORMATS], [*MEDIA_TYPES]
        if Operation.SIGN_FILE in offer.operations:
            methods.append("upload")
            media_types.append(MEDIA_TYPE)
        if offer.plain:
            formats.append(PLAIN)
            media_types.append(PLAIN_MEDIA_TYPES[1])
        return HelloResult(
            PROTOCOL_VERSION, __version__, tuple(methods), tuple(formats), tuple(media_types)
        )

    def _greeted(self) -> None:
        """An allowed page said hello: have window and document room ready before it asks."""
        self._parts.prompt.warm()
        if isinstance(self._parts.documents, DocumentRoom):
            self._spawn(self._parts.documents.prepare)

    def _changed(self) -> None:
        """Refresh tray and status window soon; many changes make one refresh."""
        if self._refresh is None:
            loop = asyncio.get_running_loop()
            self._refresh = loop.call_later(REFRESH_DELAY_S, self._refresh_now)

    def _refresh_now(self) -> None:
        self._refresh = None
        self._spawn(self.presence.refresh)

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        """Let something go on beside the calls; its trouble is the log's, not a page's."""

        async def guarded() -> None:
            try:
                await work()
            except AgentError as error:
                _log.warning("%s", error.detail)

        task = asyncio.ensure_future(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
