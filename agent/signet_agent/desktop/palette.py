"""Colours, light and dark, after which every window is drawn; the measured contrasts pass AA."""

from msgspec import Struct


class Palette(Struct, frozen=True):
    """One colour per use, ``#RRGGBB``. Red is only for what stops or cannot be taken back."""

    ink: str
    ink_2: str
    ink_3: str
    surface: str
    canvas: str
    sunken: str
    line: str
    edge: str
    paper: str
    paper_line: str
    azurite: str
    azurite_fill: str
    azurite_press: str
    azurite_tint: str
    malachite: str
    malachite_tint: str
    ochre: str
    ochre_tint: str
    cinnabar: str
    cinnabar_fill: str
    cinnabar_tint: str
    grave: str
    grave_2: str
    grave_rule: str
    grave_seen: str
    on_fill: str


LIGHT = Palette(
    ink="#17212B",
    ink_2="#414E5B",
    ink_3="#5A6773",
    surface="#FFFFFF",
    canvas="#F3F5F7",
    sunken="#E8ECF0",
    line="#D3DAE0",
    edge="#7A8793",
    paper="#FFFDF6",
    paper_line="#E4DDCB",
    azurite="#1B5390",
    azurite_fill="#1B5390",
    azurite_press="#123C6B",
    azurite_tint="#E7EFF7",
    malachite="#1B6748",
    malachite_tint="#E4F1EA",
    ochre="#754700",
    ochre_tint="#FCF1D8",
    cinnabar="#A3271A",
    cinnabar_fill="#A3271A",
    cinnabar_tint="#FAEAE5",
    grave="#1D2833",
    grave_2="#C3CDD6",
    grave_rule="#E2604C",
    grave_seen="#8FD3B0",
    on_fill="#FFFFFF",
)

DARK = Palette(
    ink="#E9EEF3",
    ink_2="#BAC5CF",
    ink_3="#97A4B0",
    surface="#19222B",
    canvas="#10161C",
    sunken="#0C1116",
    line="#32404C",
    edge="#738290",
    paper="#211F1A",
    paper_line="#3E3A30",
    azurite="#84B5E8",
    azurite_fill="#2A67AB",
    azurite_press="#3778C0",
    azurite_tint="#1B2F44",
    malachite="#72C79D",
    malachite_tint="#16322A",
    ochre="#E9BC63",
    ochre_tint="#362B14",
    cinnabar="#F39384",
    cinnabar_fill="#B03425",
    cinnabar_tint="#3A1F1B",
    grave="#070A0D",
    grave_2="#BAC5CF",
    grave_rule="#E2604C",
    grave_seen="#8FD3B0",
    on_fill="#FFFFFF",
)
