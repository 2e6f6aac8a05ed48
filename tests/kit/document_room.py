"""A document room in a process of its own, asked over the same kind of socket as the daemon's.

The child is started as the daemon starts it: isolated interpreter, one inherited socket, tied to
its parent, shut into its sandbox before the first question.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from signet_agent.channel.child import ChildChannel
from signet_agent.channel.document_messages import DocumentAnswer, DocumentQuestion

STARTER = """
import sys
from signet_agent.channel.child import ChildChannel, tie_to_parent
from signet_agent.channel.document_messages import DocumentQuestion
from signet_agent.documents.envelopes.cms import CmsEnvelope
from signet_agent.documents.formats.cms import CadesFormat
from signet_agent.documents.previews.form import FormPreview
from signet_agent.documents.previews.text import TextPreview
from signet_agent.documents.sandbox import enter_sandbox
from signet_agent.documents.worker import serve

tie_to_parent(int(sys.argv[2]))
channel = ChildChannel.inherit(int(sys.argv[1]), DocumentQuestion)
if not enter_sandbox().complete:
    sys.exit("the sandbox is not complete")
serve(
    channel,
    {"cades-b": CadesFormat()},
    {"text/plain": TextPreview(), "application/json": FormPreview()},
    CmsEnvelope(),
)
sys.exit(1 if "asyncio" in sys.modules else 0)
"""

END_S = 10.0
"""How long a room may take to end after its channel closed, on a busy machine."""


@dataclass
class StartedRoom:
    """A running document room and the daemon's end of its socket."""

    process: subprocess.Popen[bytes]
    connection: socket.socket

    def ask(self, question: DocumentQuestion) -> DocumentAnswer:
        """Send one question and wait for its answer."""
        # Both halves frame alike; the blocking one serves a test well.
        channel = ChildChannel[DocumentAnswer](self.connection, DocumentAnswer)
        channel.send(question)
        return channel.receive()

    def hang_up(self) -> int:
        """Close the channel and return the exit status of the room."""
        self.connection.close()
        return self.process.wait(END_S)


@contextmanager
def started_room() -> Iterator[StartedRoom]:
    """Start a document room; it is gone when the block ends."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", STARTER, str(theirs.fileno()), str(os.getpid())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        try:
            yield StartedRoom(process, ours)
        finally:
            process.kill()
            process.wait()
