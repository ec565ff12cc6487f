"""How a mail may look: three themes with their colours, fonts and sizes, and what an operator changes.

A theme is laid out by `templates/email/_themes/<theme>.mjml`; its colours, in light and in dark, are
here, and so are the pairs of text and ground that its templates use (a browser test holds them to
that). Fonts are the reader's own. Outlook on Windows takes the first of a list that it has, so the
first is one of Windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace

from digest.contrast import ENOUGH, contrast, ink_on, legible

#: What small print is set in, in pixels, whatever the scale: less cannot be read on a telephone.
SMALL = 14

_GEORGIA = "Georgia, 'Times New Roman', serif"
_PALATINO = "'Palatino Linotype', 'Book Antiqua', Palatino, 'Iowan Old Style', Georgia, serif"
_SANS = "'Segoe UI', -apple-system, Roboto, Helvetica, Arial, sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one scheme, as #rrggbb. paper: the page behind; sheet: what stories stand on."""

    paper: str
    sheet: str
    ink: str
    muted: str
    rule: str
    accent: str

    @property
    def on_accent(self) -> str:
        """Text on the accent, as on a button."""
        return ink_on(self.accent)


COLOURS = tuple(field.name for field in fields(Palette))

#: The keys by which an operator names them: as they are in light, with `_dark` in dark.
KEYS = tuple(name + ending for name in COLOURS for ending in ("", "_dark"))

#: What a colour is called in a message.
_CALLED = {
    "paper": "the paper",
    "sheet": "the sheet",
    "ink": "the ink",
    "muted": "the muted text",
    "accent": "the accent",
}

#: A text's colour and the one behind it, by their names in Palette.
Pair = tuple[str, str]

#: What every theme prints.
_PAIRS: frozenset[Pair] = frozenset(
    {
        ("ink", "sheet"),
        ("muted", "sheet"),
        ("accent", "sheet"),
        ("muted", "paper"),
        ("on_accent", "accent"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One way to print a week.

    heads, texts, notes: stacks of fonts; weight: of titles. size: pixels of running text; scale: from one step of type to
    the next; steps: how many steps each kind of title stands above running text. pairs: what is written
    on what, in either scheme.
    """

    name: str
    light: Palette
    dark: Palette
    heads: str
    texts: str
    notes: str
    weight: str
    width: int
    size: int
    scale: float
    steps: Mapping[str, float]
    pairs: frozenset[Pair]


_BROADSHEET = Theme(
    name="broadsheet",
    light=Palette(
        paper="#f4f1ea",
        sheet="#ffffff",
        ink="#1d1b18",
        muted="#625d55",
        rule="#dcd7cd",
        accent="#8c1d18",
    ),
    dark=Palette(
        paper="#121110",
        sheet="#1c1a18",
        ink="#efebe3",
        muted="#b3ac9f",
        rule="#3d3933",
        accent="#ffb4a9",
    ),
    heads=_GEORGIA,
    texts=_GEORGIA,
    notes=_SANS,
    weight="bold",
    width=660,
    size=17,
    scale=1.2,
    steps={"name": 5.9, "lead": 4.1, "section": 0.4, "title": 1.35, "summary": 0.4},
    pairs=_PAIRS | {("ink", "paper")},
)

_PLAIN = Theme(
    name="plain",
    light=Palette(
        paper="#ffffff",
        sheet="#ffffff",
        ink="#1f2328",
        muted="#59636e",
        rule="#d1d9e0",
        accent="#0757c2",
    ),
    dark=Palette(
        paper="#15181c",
        sheet="#15181c",
        ink="#e6e9ec",
        muted="#a2aab3",
        rule="#3a4149",
        accent="#86b8ff",
    ),
    heads=_SANS,
    texts=_SANS,
    notes=_SANS,
    weight="bold",
    width=600,
    size=16,
    scale=1.15,
    steps={"name": 1.5, "lead": 2.6, "section": 0, "title": 1.1, "summary": 0},
    pairs=_PAIRS,
)

_MAGAZINE = Theme(
    name="magazine",
    light=Palette(
        paper="#f3ede3",
        sheet="#fffdf9",
        ink="#20252a",
        muted="#5d615f",
        rule="#ddd3c4",
        accent="#0b5a5e",
    ),
    dark=Palette(
        paper="#0e1718",
        sheet="#162224",
        ink="#eaf0ee",
        muted="#a5b4b2",
        rule="#2f4143",
        accent="#84d8d0",
    ),
    heads=_PALATINO,
    texts=_GEORGIA,
    notes=_SANS,
    weight="normal",
    width=680,
    size=17,
    scale=1.25,
    steps={"name": 4.0, "lead": 4.1, "section": 2.1, "title": 1.4, "summary": 0.55},
    pairs=_PAIRS | {("ink", "paper"), ("accent", "paper")},
)

THEMES: Mapping[str, Theme] = {one.name: one for one in (_BROADSHEET, _PLAIN, _MAGAZINE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A theme as one newsletter has it. sizes: pixels by kind of text."""

    theme: Theme
    light: Palette
    dark: Palette
    sizes: Mapping[str, int]


def look(
    name: str, chosen: Mapping[str, str], *, size: int | None = None, scale: float | None = None
) -> Look:
    """A theme with an operator's own values. chosen: colours by key, in dark with `_dark` behind."""
    theme = THEMES[name]
    size, scale = size or theme.size, scale or theme.scale
    sizes = {kind: round(size * scale**steps) for kind, steps in theme.steps.items()}
    return Look(
        theme=theme,
        light=_changed(theme.light, chosen, ""),
        dark=_changed(theme.dark, chosen, "_dark"),
        sizes={**sizes, "text": size, "small": SMALL},
    )


def _changed(palette: Palette, chosen: Mapping[str, str], ending: str) -> Palette:
    return replace(
        palette,
        **{name: chosen[name + ending] for name in COLOURS if chosen.get(name + ending)},
    )


def pale(name: str, chosen: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each chosen colour with which something cannot be read: its key, and what is wrong."""
    made = look(name, chosen)
    for scheme, palette, ending in (("light", made.light, ""), ("dark", made.dark, "_dark")):
        worst: dict[str, tuple[float, Pair]] = {}
        for pair in sorted(made.theme.pairs):
            ratio = contrast(getattr(palette, pair[0]), getattr(palette, pair[1]))
            to_blame = next((one for one in pair if one + ending in chosen), None)
            if ratio < ENOUGH and to_blame:
                worst[to_blame] = min(worst.get(to_blame, (ratio, pair)), (ratio, pair))
        for blamed, (ratio, pair) in worst.items():
            yield blamed + ending, _told(made.theme, palette, blamed, scheme, (ratio, pair))


def _told(
    theme: Theme, palette: Palette, blamed: str, scheme: str, found: tuple[float, Pair]
) -> str:
    """`has a contrast of 1.2 to the sheet, #ffffff, in light; 4.5 is the least; #807700 has it`."""
    ratio, (text, ground) = found
    other = ground if blamed == text else text
    said = (
        f"has a contrast of {int(ratio * 100) / 100:g} to {_CALLED[other]},"
        f" {getattr(palette, other)}, in {scheme}; {ENOUGH:g} is the least"
    )
    others = {one for pair in theme.pairs if blamed in pair for one in pair}
    others -= {blamed, "on_accent"}
    better = legible(
        getattr(palette, blamed), tuple(getattr(palette, one) for one in sorted(others))
    )
    return f"{said}; {better} has it" if better else said
