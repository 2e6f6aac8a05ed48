"""What the daemon needs of whoever asks the person."""

from typing import Protocol

from signet_agent.channel.desktop_messages import WindowAnswer, WindowOrder


class Window(Protocol):
    """One consent window, from opening to its end."""

    async def send(self, order: WindowOrder) -> None:
        """Tell the window something.

        Raises:
            RoomError: it is gone.
        """
        ...

    async def receive(self) -> WindowAnswer:
        """Wait for what the person does next.

        Raises:
            RoomError: it is gone.
        """
        ...

    async def end(self) -> None:
        """Let the window end; it may still show a last word for a moment."""
        ...


class Prompt(Protocol):
    """Opens windows."""

    def warm(self) -> None:
        """Keep one window process ready, if that is possible and not too soon."""
        ...

    async def open(self) -> Window:
        """Return a fresh window.

        Raises:
            RoomError: none can be shown (``agent.window_unavailable``).
        """
        ...
