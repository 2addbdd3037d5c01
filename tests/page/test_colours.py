"""earmark.page.colours: contrast as WCAG 2.2 AA asks it."""

from itertools import product

import pytest

from earmark.page.colours import THEMES


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT = [
    *product(("ink", "muted", "accent", "behind-ink", "ahead-ink"), ("ground", "raised")),
    ("ink", "behind-fill"),
    ("ink", "ahead-fill"),
    ("behind-ink", "behind-fill"),
    ("ahead-ink", "ahead-fill"),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("pair", TEXT, ids="-on-".join)
def test_text_has_a_contrast_of_four_and_a_half(theme, pair):
    """Every colour of text is read on every ground that it stands on."""
    assert contrast(*(THEMES[theme][role] for role in pair)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("role", ["behind", "ahead", "muted", "accent"])
def test_lines_and_shapes_have_a_contrast_of_three(theme, role):
    """What carries meaning without words is seen on the ground."""
    assert contrast(THEMES[theme][role], THEMES[theme]["ground"]) >= 3
