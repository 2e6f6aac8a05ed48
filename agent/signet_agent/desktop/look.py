"""What every widget is made with: the sentences of one language and the colours of one theme."""

from signet_agent.desktop.palette import Palette
from signet_agent.desktop.texts import Texts


class Look:
    """Texts and palette; the palette changes when the system turns dark or light."""

    def __init__(self, language: str, palette: Palette) -> None:
        """Choose language and colours."""
        self.texts = Texts(language)
        self.palette = palette
