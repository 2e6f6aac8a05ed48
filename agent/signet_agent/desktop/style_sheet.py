"""One Qt style sheet per palette. Qt has no variables in it, so it is made from the tokens.

Style sheets know no line height, shadow or outline: row heights are fixed in code, and focus is a
border of two pixels with one pixel less padding.
"""

from string import Template

import msgspec

from signet_agent.desktop.fonts import mono_families, song_families
from signet_agent.desktop.palette import Palette

_SHEET = Template("""
* { font-size: 14px; color: $ink; }
QWidget { background: transparent; }
#window, #with, #foot, #one, #noteStrip, #page { background: $surface; }
QToolTip { background: $surface; color: $ink; border: 1px solid $line; }

#who { background: $surface; border-bottom: 1px solid $line; }
#who[weight="sign"] { background: $azurite_tint; border-bottom: 1px solid $azurite_tint; }
#who[weight="grave"] { background: $grave; border-bottom: 3px solid $grave_rule; }
#title { font-size: 20px; font-weight: 700; }
#who[weight="grave"] #title { color: $on_fill; }
#registered { font-size: 13px; color: $malachite; }
#who[weight="grave"] #registered { color: $grave_seen; }
#encoded { font-size: 13px; color: $ochre; }
#who[weight="grave"] #encoded, #who[weight="grave"] #quiet { color: $grave_2; }

#demo { background: $ochre_tint; }
#demoText { font-size: 13px; color: $ochre; }

#what { background: $canvas; }
#with { border-left: 1px solid $line; }
#noteStrip { border-bottom: 1px solid $line; }
#scroller, #scroller > QWidget { background: $surface; }

#sheet, #sheetText { background: $paper; border: 1px solid $paper_line; border-radius: 4px; }
#sheet[ring="yes"], #sheetText[ring="yes"] { border: 2px solid $azurite; }
#sheetText { font-family: $song; font-size: 15px; selection-background-color: $azurite_fill;
  selection-color: $on_fill; }
#paperTitle { font-family: $song; font-size: 19px; font-weight: 700; }
#key { color: $ink_2; }
#total { font-size: 16px; font-weight: 700; }
#rulePaper { background: $paper_line; }
#ruleInk { background: $ink; }
#rule { background: $line; }

#code { font-family: $mono; font-size: 20px; font-weight: 700; }
#digest { font-family: $mono; font-size: 12px; color: $ink_2; }
#strong { font-weight: 700; }
#quiet { font-size: 13px; color: $ink_3; }
#muted { color: $ink_3; }
#heading { font-size: 13px; font-weight: 700; color: $ink_2; }
#then { font-size: 13px; color: $ink_2; }

#card { border: 1px solid $line; border-radius: 8px; }
#choice { border: 1px solid $line; border-radius: 8px; margin: 1px; }
#choice[chosen="yes"] { border: 2px solid $azurite; margin: 0; }

#pin { border: 1px solid $edge; border-radius: 6px; padding: 0 11px; background: $surface;
  lineedit-password-character: 9679; selection-background-color: $azurite_tint;
  selection-color: $ink; placeholder-text-color: $ink_3; }
#pin:focus { border: 2px solid $azurite; padding: 0 10px; }
#pin[wrong="yes"] { border: 2px solid $cinnabar; padding: 0 10px; }
#pin:disabled { background: $sunken; border: 1px solid $line; padding: 0 11px; color: $ink_3; }
#wrong { color: $cinnabar; }

#note { border-radius: 8px; background: $sunken; }
#note[tone="stop"] { background: $cinnabar_tint; }
#note[tone="look"] { background: $ochre_tint; }
#note[tone="ok"] { background: $malachite_tint; }
#note[tone="act"] { background: $azurite_tint; }
#noteHeading { font-weight: 700; }
#note[tone="stop"] #noteHeading { color: $cinnabar; }
#stateHeading { font-size: 17px; font-weight: 700; }
#stateText { color: $ink_2; }

#foot { border-top: 1px solid $line; }
#footText { font-size: 13px; color: $ink_3; }
#footText[tone="soon"] { color: $ochre; font-weight: 700; }
#button, #agree { min-width: 118px; max-width: 240px; min-height: 38px; border-radius: 6px;
  font-size: 15px; font-weight: 700; border: 1px solid $edge; background: $surface; }
#button:focus { border: 2px solid $ink; min-width: 116px; min-height: 36px; }
#button:pressed { background: $sunken; }
#agree { background: $azurite_fill; border-color: $azurite_fill; color: $on_fill; }
#agree:pressed { background: $azurite_press; }
#agree:focus { border: 2px solid $ink; min-width: 116px; min-height: 36px; }
#button:disabled, #agree:disabled { background: $sunken; border-color: $line; color: $ink_3; }
#link { border: 2px solid transparent; border-radius: 4px; padding: 0 1px; font-size: 13px;
  color: $azurite; text-decoration: underline; }
#link:focus { border-color: $azurite; }
#link:disabled { color: $ink_3; }

#side { background: $sunken; }
#section { text-align: left; min-height: 34px; padding-left: 40px; border-radius: 6px;
  border: 2px solid transparent; background: transparent; }
#section[opened="yes"] { background: $surface; font-weight: 700; }
#section:focus { border-color: $azurite; }
#version { font-size: 12px; color: $ink_3; padding: 0 12px; }
#pageTitle { font-size: 22px; font-weight: 700; }
#sectionTitle { font-size: 16px; font-weight: 700; }
#tokenCard { border: 1px solid $line; border-radius: 8px; }
#cardName { font-size: 15px; font-weight: 700; }
#origin { font-family: $mono; font-size: 13px; color: $ink_3; }
#chip { font-size: 13px; border-radius: 4px; padding: 1px 8px; min-height: 20px;
  color: $ink_2; background: $sunken; }
#chip[tone="ok"] { color: $malachite; background: $malachite_tint; }
#chip[tone="look"] { color: $ochre; background: $ochre_tint; }
#chip[tone="stop"] { color: $cinnabar; background: $cinnabar_tint; }
#small { min-width: 64px; min-height: 28px; padding: 0 14px; border-radius: 5px;
  font-weight: 700; border: 1px solid $edge; background: $surface; }
#small:focus { border: 2px solid $ink; min-height: 26px; padding: 0 13px; }
#small:pressed { background: $sunken; }

QScrollBar:vertical { width: 12px; background: transparent; margin: 2px; }
QScrollBar::handle:vertical { background: $edge; border-radius: 4px; min-height: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
""")


def style_sheet(palette: Palette) -> str:
    """Return the style sheet of a palette for the faces that are installed."""
    tokens = msgspec.structs.asdict(palette)
    return _SHEET.substitute(tokens, song=song_families(), mono=mono_families())
