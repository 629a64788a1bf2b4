"""Small pictures as SVG, written by hand: bars and curves that read well in light and dark."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH = 760
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 60, 50
BAR, GAP, LABELS = 20, 8, 300
COLOURS = 6
STYLE = """  <style>
    text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2933; }
    .title { font-weight: 600; font-size: 15px; }
    .small { font-size: 12px; fill: #52606d; }
    .inside { fill: #ffffff; }
    .grid { stroke: #d5dbe1; stroke-width: 1; }
    .line { fill: none; stroke-width: 2.2; }
    .c0 { fill: #2f7ed8; stroke: #2f7ed8; } .c1 { fill: #7b8794; stroke: #7b8794; }
    .c2 { fill: #d9822b; stroke: #d9822b; } .c3 { fill: #3f9142; stroke: #3f9142; }
    .c4 { fill: #8c5fc0; stroke: #8c5fc0; } .c5 { fill: #c4475a; stroke: #c4475a; }
    .line.c0, .line.c1, .line.c2, .line.c3, .line.c4, .line.c5 { fill: none; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e4e7eb; }
      .inside { fill: #ffffff; }
      .small { fill: #b6c0cc; }
      .grid { stroke: #3e4c59; }
    }
  </style>"""


def picture(title: str, description: str, height: float, parts: Sequence[str]) -> str:
    """Return a whole SVG document."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
            'aria-labelledby="t d">',
            f'  <title id="t">{escape(title)}</title>',
            f'  <desc id="d">{escape(description)}</desc>',
            STYLE,
            f'  <text class="title" x="16" y="28">{escape(title)}</text>',
            *(f"  {part}" for part in parts),
            "</svg>\n",
        ]
    )


def bars(title: str, description: str, values: Sequence[tuple[str, float, bool]]) -> str:
    """Return horizontal bars of shares. Each value is a label, the share, and whether it is one of ours."""
    parts, most = [], max([1.0, *(value for _, value, _ in values)])
    for number, (label, value, ours) in enumerate(values):
        top = TOP - 12 + number * (BAR + GAP)
        width = (WIDTH - LABELS - 70) * value / most
        parts += [
            f'<text x="{LABELS - 10}" y="{top + 15}" text-anchor="end">{escape(label)}</text>',
            f'<rect class="c{0 if ours else 1}" x="{LABELS}" y="{top}" width="{width:.1f}" height="{BAR}" rx="2"/>',
            f'<text class="small" x="{LABELS + width + 6:.1f}" y="{top + 15}">{value:.2f}</text>',
        ]
    return picture(title, description, TOP + len(values) * (BAR + GAP), parts)


def stacks(title: str, description: str, rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return a stacked bar for each row, of parts that add up to 1, with one legend. Six parts at the most."""
    names = list(dict.fromkeys(name for parts in rows.values() for name in parts))[:COLOURS]
    drawn = []
    for number, (label, shares) in enumerate(rows.items()):
        drawn += _stack(label, [shares.get(name, 0.0) for name in names], TOP + number * 46)
    below = TOP + len(rows) * 46
    for number, name in enumerate(names):
        left, top = 16 + number % 3 * 245, below + number // 3 * 22
        drawn.append(f'<rect class="c{number}" x="{left}" y="{top}" width="12" height="12" rx="2"/>')
        drawn.append(f'<text class="small" x="{left + 18}" y="{top + 11}">{escape(name)}</text>')
    return picture(title, description, below + 60, drawn)


def _stack(label: str, shares: Sequence[float], top: float) -> list[str]:
    drawn, left = [f'<text x="16" y="{top - 4}">{escape(label)}</text>'], 16.0
    for number, share in enumerate(shares):
        width = (WIDTH - 32) * share
        drawn.append(f'<rect class="c{number}" x="{left:.1f}" y="{top}" width="{width:.1f}" height="{BAR}"/>')
        if share > 0.06:
            middle = left + width / 2
            drawn.append(
                f'<text class="inside" x="{middle:.1f}" y="{top + 15}" text-anchor="middle">{share:.0%}</text>'
            )
        left += width
    return drawn


def curves(
    title: str, description: str, series: Mapping[str, Sequence[tuple[float, float]]], *, across: str, up: str
) -> str:
    """Return curves over a logarithmic axis where sizes span a hundredfold, else over a linear one. Up begins at 0."""
    sizes = sorted({x for points in series.values() for x, _ in points})
    most = rounded_up(max(y for points in series.values() for _, y in points))
    place = _placer(sizes)
    bottom, high = 340 - BOTTOM, 340 - BOTTOM - TOP
    parts = [
        *_frame(sizes, place, most, bottom, high),
        f'<text class="small" x="{LEFT}" y="334">{escape(across)}</text>',
    ]
    parts.append(f'<text class="small" x="16" y="46">{escape(up)}</text>')
    for number, (name, points) in enumerate(series.items()):
        placed = [(place(x), bottom - high * y / most) for x, y in points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(f'<polyline class="line c{number}" points="{line}"/>')
        parts += [f'<circle class="c{number}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in placed]
        right, height = placed[-1]
        parts.append(f'<text x="{right + 10:.1f}" y="{height + 4:.1f}">{escape(name)}</text>')
    return picture(title, description, 340, parts)


def rounded_up(value: float) -> float:
    """Return the least four equal steps of 1, 2, 2.5 or 5 times a power of ten that reach a value; 1 for nothing."""
    if value <= 0:
        return 1.0
    step = value / 4
    power = 10.0 ** math.floor(math.log10(step))
    return 4 * power * next(each for each in (1, 2, 2.5, 5, 10) if each * power >= step * (1 - 1e-9))


def _placer(sizes: Sequence[float]):
    positive = [size for size in sizes if size > 0]
    wide = len(positive) > 1 and positive[-1] / positive[0] >= 100

    def scaled(size: float) -> float:
        if not wide:
            return size
        return math.log10(size) if size > 0 else math.log10(positive[0]) - 1

    low, high = scaled(sizes[0]), scaled(sizes[-1])
    span = (high - low) or 1.0
    return lambda size: LEFT + (WIDTH - LEFT - RIGHT) * (scaled(size) - low) / span


def _frame(sizes: Sequence[float], place, most: float, bottom: float, high: float) -> list[str]:
    parts = []
    for step in range(5):
        height, value = bottom - high * step / 4, most * step / 4
        shown = f"{value:.2f}" if most < 10 else f"{value:,.0f}"
        parts.append(f'<line class="grid" x1="{LEFT}" y1="{height:.1f}" x2="{WIDTH - RIGHT}" y2="{height:.1f}"/>')
        parts.append(f'<text class="small" x="{LEFT - 8}" y="{height + 4:.1f}" text-anchor="end">{shown}</text>')
    for size in sizes:
        label = f'<text class="small" x="{place(size):.1f}" y="{bottom + 18}" text-anchor="middle">{size:,.0f}</text>'
        parts.append(label)
    return parts
