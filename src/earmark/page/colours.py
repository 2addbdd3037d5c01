"""The colours of page and chart in both themes: the one place that lists them.

Orange and blue are of the Okabe-Ito set, tuned until text in them has a contrast of 4.5 to 1 and
shapes have one of 3 to 1 with what lies behind them.
"""

from collections.abc import Mapping

Theme = Mapping[str, str]

LIGHT: Theme = {
    "ground": "#ffffff",
    "raised": "#f5f6f8",
    "rule": "#d6dae0",
    "ink": "#16191d",
    "muted": "#565e6b",
    "accent": "#0b5a9d",
    "behind": "#d55e00",
    "behind-ink": "#a34100",
    "behind-fill": "#f7d9c2",
    "ahead": "#0072b2",
    "ahead-ink": "#005a8e",
    "ahead-fill": "#c6e0f0",
}

DARK: Theme = {
    "ground": "#14171b",
    "raised": "#1d2126",
    "rule": "#3a414a",
    "ink": "#e9ebee",
    "muted": "#a9b1bc",
    "accent": "#7cbcf2",
    "behind": "#f58a3c",
    "behind-ink": "#ffb27d",
    "behind-fill": "#5a2f12",
    "ahead": "#4aa8e0",
    "ahead-ink": "#8fcdf6",
    "ahead-fill": "#123f5c",
}

THEMES: Mapping[str, Theme] = {"light": LIGHT, "dark": DARK}

PLACEHOLDERS: Theme = {role: f"#fe00{place:02x}" for place, role in enumerate(LIGHT)}
"""Colours that no one uses: in a page they are replaced by the style sheet's variables."""


def follow_page(svg: str) -> str:
    """Return a drawing made with PLACEHOLDERS in the colours of the page that it stands in."""
    for role, placeholder in PLACEHOLDERS.items():
        svg = svg.replace(f'"{placeholder}"', f'"var(--{role})"')
    return svg


def declarations(theme: Theme) -> str:
    """Return a theme as custom properties of a style sheet."""
    return " ".join(f"--{role}: {colour};" for role, colour in theme.items())
