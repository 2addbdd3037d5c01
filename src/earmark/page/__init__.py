"""The page of a plan or a comparison: one HTML file that needs nothing else, and its chart."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from earmark import __version__
from earmark.amounts import gpus
from earmark.page import records, results, spans
from earmark.page.chart import chart_parties, chart_png, chart_svg, page_svg, panels
from earmark.page.colours import DARK, LIGHT, declarations
from earmark.page.content import Page, Reading, Series
from earmark.page.panel import Panel
from earmark.page.readings import facts_of
from earmark.sentences import comparisons_of, finding

if TYPE_CHECKING:
    import jinja2

__all__ = ["Page", "Reading", "Series", "chart_png", "chart_svg", "render_page"]


def render_page(page: Page) -> str:
    """Return a page as one HTML document: same input, same text; no script, no outside file."""
    template = _environment().get_template("page.html")
    return template.render(
        page=page,
        book=page.book,
        document=page.document,
        readings=comparisons_of(page.document),
        finding=finding(page.document, sides=page.sides, names=page.names),
        chart=list(_chart(page)),
        chart_note=_chart_note(page),
        facts=facts_of(page),
        figures=spans.figures(page),
        range=spans.range_grid(page),
        bars=spans.bars(page),
        parties=results.parties_grid(page),
        orders=results.orders_grid(page),
        money=results.money_grids(page),
        claims=records.claims_grid(page),
        assumptions=records.assumptions_grids(page),
        sources=records.source_list(page),
        most_sources=records.MOST_SOURCES,
        settings=records.settings(page.book),
        tables=records.book_grids(page),
        light=Markup(declarations(LIGHT)),  # noqa: S704 - our own constants
        dark=Markup(declarations(DARK)),  # noqa: S704
        version=__version__,
    )


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("earmark.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _chart(page: Page) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield, per party, its panels with what a screen reader hears in place of each."""
    for i, row in enumerate(panels(page)):
        name = page.name(row[0].series.party)
        yield (
            name,
            [
                {
                    "title": panel.title,
                    "label": _spoken(name, panel),
                    "svg": Markup(page_svg(panel, f"panel-{i}-{k}")),  # noqa: S704 - escaped inside
                }
                for k, panel in enumerate(row)
            ],
        )


def _spoken(name: str, panel: Panel) -> str:
    series = panel.series
    under = f", {panel.title}" if panel.title else ""
    ends = f"{series.days[0]} to {series.end}"
    if series.active_b is None:
        end = f"{gpus(series.active_a[-1])} in use at the end"
        return f"{name}{under}: GPUs due and in use, {ends}; {end}."
    side_a = f"{gpus(series.active_a[-1])} {panel.sides.a}"
    side_b = f"{gpus(series.active_b[-1])} {panel.sides.b}"
    return f"{name}{under}: GPUs in use, {ends}; at the end {side_a}, {side_b}."


def _chart_note(page: Page) -> str:
    more = len(chart_parties(page)) - len(panels(page))
    readings = len(page.readings) - max((len(row) for row in panels(page)), default=0)
    notes = [f"{more:,} more parties are in the table below."] if more > 0 else []
    notes += (
        [f"{readings:,} more readings are in the tables."] if panels(page) and readings > 0 else []
    )
    return " ".join(notes)
