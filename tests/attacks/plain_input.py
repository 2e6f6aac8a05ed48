"""Cases that say exactly what to send are played without a procedure of their own."""

from signet_protocol.messages import MAX_MESSAGE_BYTES
from tests.attacks.case import CasesError
from tests.attacks.classes import BAD_REQUEST, UNSUPPORTED
from tests.attacks.dialect import in_our_words
from tests.attacks.hands import knock, post, say, send_frame
from tests.attacks.scene import Scene
from tests.kit.frames import BINARY, TEXT, masked_frame

TRANSPORT = "transport"
"""In this group octets for a WebSocket are whole frames, elsewhere they are a payload."""


async def play_input(scene: Scene) -> bool:
    """Send a case's input, if it has one for this kind of runner; tell whether it did.

    Raises:
        CasesError: the case's runner takes no input of this kind.
    """
    case = scene.case
    given = case.input_for(scene.port, scene.stage.origin)
    if given is None:
        return False
    if case.runner == "raw_tcp":
        await knock(scene, "input", given.encode("latin-1") if isinstance(given, str) else given)
    elif case.runner != "ws":
        raise CasesError(f"{case.id}: there is no input for the runner “{case.runner}”")
    elif isinstance(given, bytes):
        await send_frame(scene, "input", _frame(scene, given))
    else:
        await _play_text(scene, given)
    return True


def _frame(scene: Scene, given: bytes) -> bytes:
    """Octets of the transport group are frames; of the others, what a text frame cannot hold."""
    if scene.case.group.startswith(TRANSPORT):
        return given
    try:
        given.decode("utf-8")
    except UnicodeDecodeError:
        return masked_frame(TEXT, given)
    return masked_frame(BINARY, given)


async def _play_text(scene: Scene, given: str) -> None:
    """Send the text as it is and in our words, by both of the ways that a page has."""
    ours = in_our_words(given)
    if ours != given:
        await say(scene, "input as it is", given, {scene.expected, BAD_REQUEST, UNSUPPORTED})
    await say(scene, "input", ours)
    if scene.tls_port and len(ours) <= MAX_MESSAGE_BYTES:
        await post(scene, "input by POST", ours.encode("utf-8"))
