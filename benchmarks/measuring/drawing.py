"""How cost grows, drawn: seconds against the size of each side of a book, both on log scales."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from pathlib import Path

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT, LEFT, BOTTOM, GAP = 190, 190, 56, 30, 26


def draw_growth(sides: Mapping[str, Points], path: Path) -> Path:
    """Write an SVG with one panel a side: its sizes against seconds; return its path.

    The dashed line is growth in proportion.
    """
    seconds = [taken for points in sides.values() for _, taken in points]
    low, high = floor(log10(min(seconds))), ceil(log10(max(seconds)))
    panels = [
        f'<g transform="translate({LEFT + place * (WIDTH + GAP)} 24)">'
        + "".join(_panel(name, points, low, high, numbered=place == 0))
        + "</g>"
        for place, (name, points) in enumerate(sides.items())
    ]
    across, up = LEFT + len(sides) * (WIDTH + GAP), HEIGHT + BOTTOM + 24
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {up}" role="img" '
        'font-family="sans-serif" font-size="11">\n<title>Seconds after reading, by the size of '
        f'a book, both on log scales</title>\n<rect width="{across}" height="{up}" fill="#fff"/>\n'
        + "\n".join(panels)
        + "\n</svg>\n"
    )
    return path


def _panel(name: str, points: Points, low: int, high: int, *, numbered: bool) -> list[str]:
    """Return a panel: a frame, a line at each decade of seconds, the points, one to one dashed."""
    decade = HEIGHT / max(high - low, 1)
    first, last = log10(points[0][0]), log10(points[-1][0])
    wide = (WIDTH - 24) / ((last - first) or 1)

    def place(size: float, taken: float) -> str:
        return f"{(log10(size) - first) * wide:.1f},{HEIGHT - (log10(taken) - low) * decade:.1f}"

    parts = [f'<text y="-8" font-weight="bold">{name}</text>']
    for power in range(low, high + 1):
        y = HEIGHT - (power - low) * decade
        parts.append(f'<path d="M0 {y:.1f}H{WIDTH}" stroke="#ddd"/>')
        if numbered:
            parts.append(f'<text x="-6" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    begin, taken = points[0]
    most = min(10**last, begin * 10**high / taken)
    even = f"{place(begin, taken)} {place(most, taken * most / begin)}"
    parts.append(f'<polyline points="{even}" fill="none" stroke="#999" stroke-dasharray="4 4"/>')
    line = " ".join(place(*point) for point in points)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#1b6ca8" stroke-width="2"/>')
    for size, taken in points:
        across, up = place(size, taken).split(",")
        parts.append(f'<circle cx="{across}" cy="{up}" r="3" fill="#1b6ca8"/>')
        parts.append(
            f'<text x="{across}" y="{HEIGHT + 16}" text-anchor="middle">{size:,.0f}</text>'
        )
    return parts
