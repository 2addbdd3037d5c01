"""earmark.page.chart and panel: steps, gaps and labels."""

from datetime import date, timedelta

import pytest
from page_examples import END, EXAMPLES, SIDES, START, make_series, readings, unchanged

from earmark.page import chart_png, chart_svg
from earmark.page.chart import chart_parties, page_svg, panels
from earmark.page.colours import LIGHT, PLACEHOLDERS, THEMES
from earmark.page.gaps import WIDTH
from earmark.page.panel import MOST_STEPS, Panel, axis_days, panel_spec, peak


def texts(panel: Panel) -> list[str]:
    layers = panel_spec(panel, LIGHT)["layer"]
    return [layer["mark"]["text"] for layer in layers if layer["mark"]["type"] == "text"]


def shades(panel: Panel) -> list[dict[str, object]]:
    layers = panel_spec(panel, LIGHT)["layer"]
    return next((x["data"]["values"] for x in layers if x["mark"]["type"] == "rect"), [])


def test_shades_are_rectangles_between_the_lines():
    """Levels that differ are one rectangle: behind where b is less, ahead where more."""
    a = [(START, 4), (START + timedelta(20), 8)]
    b = [(START, 4), (START + timedelta(10), 2), (START + timedelta(20), 9)]
    series = make_series("p", a, a, b, b)
    days = [START + timedelta(n) for n in (10, 20)]
    expected = [
        {"from": str(days[0]), "to": str(days[1]), "low": 2, "high": 4, "side": "behind"},
        {"from": str(days[1]), "to": str(END), "low": 8, "high": 9, "side": "ahead"},
    ]
    assert expected == shades(Panel(series, SIDES, "", 9))


def test_the_number_on_a_gap_is_the_documents():
    """The worked example: 636,000 GPU-days behind, where the document says the same."""
    row = panels(readings())[0]
    assert ["636,000", "GPU-days behind"] == [t for t in texts(row[1]) if "6" in t or "be" in t]
    assert ["no difference in use", "received"] == texts(row[0])


def test_a_gap_on_both_sides_has_no_number():
    """Where b is ahead and behind in turn the document holds only the difference: words alone."""
    a = [(START, 10)]
    b = [(START, 2), (START + timedelta(200), 20)]
    assert not any(
        c.isdigit() for t in texts(Panel(make_series("p", a, a, b, b), SIDES, "", 20)) for c in t
    )


def test_panels_of_one_party_share_their_scale():
    """Readings are compared by eye: all panels of a party end at the same height."""
    for row in panels(readings()):
        assert 1 == len({panel.highest for panel in row})
        assert row[0].highest == max(peak(panel.series) for panel in row)


def test_who_changes_most_is_drawn_first():
    """Losers stand before gainers of the same size; who does not change is not drawn."""
    assert ("tesla", "x") == chart_parties(readings())
    assert () == chart_parties(unchanged())


def test_long_lines_are_thinned():
    """A line shows no more steps than pixels can."""
    steps = [(date.fromordinal(START.toordinal() + i), i) for i in range(5000)]
    series = make_series("p", steps, steps, steps, steps, end=date(2040, 1, 1))
    lines = panel_spec(Panel(series, SIDES, "", 5000), LIGHT)["layer"]
    points = max(len(layer["data"]["values"]) for layer in lines)
    assert points <= MOST_STEPS + 2


@pytest.mark.parametrize("length", [1, 2, 30, 74, 75, 100, 365, 400, 1000, 4000, 30000])
def test_an_axis_names_few_days_inside_its_span(length):
    """Between one and six days, each within the book."""
    named = axis_days(START, START + timedelta(length))
    assert 1 <= len(named) <= 6
    assert all(START <= day < START + timedelta(length) for day in named)


def test_words_stay_inside_the_drawing():
    """No label is placed off the plot."""
    for make in EXAMPLES.values():
        for row in panels(make()):
            for panel in row:
                for layer in panel_spec(panel, LIGHT)["layer"]:
                    if layer["mark"]["type"] == "text":
                        assert 0 <= layer["encoding"]["x"]["value"] <= WIDTH


def test_a_drawing_in_a_page_has_the_pages_colours_and_own_ids():
    """No colour of its own is left, and ids carry the panel's name."""
    svg = page_svg(panels(readings())[0][1], "panel-0-1")
    assert not any(placeholder in svg for placeholder in PLACEHOLDERS.values())
    assert "#" not in svg.replace("url(#panel-0-1-", "")
    assert 'stroke="var(--ink)"' in svg


@pytest.mark.parametrize("theme", THEMES)
def test_files_have_a_fixed_theme(theme):
    """A file of its own carries its colours, and is the same on every run."""
    page = readings()
    svg = chart_svg(page, theme)
    assert f'fill="{THEMES[theme]["behind-fill"]}"' in svg
    assert "var(" not in svg
    assert svg == chart_svg(page, theme)
    assert b"\x89PNG" == chart_png(page, theme, scale=1)[:4]
