"""Charts of the page as files of their own, which follow the reader's light or dark colors too."""

import html
import re
from collections.abc import Sequence

from experiments.comparison.figures.charts import LEFT, Size
from experiments.comparison.figures.palette import DARK, DASHES, LIGHT

_NAMESPACE = "http://www.w3.org/2000/svg"
_LETTER, _LINE, _GAP = 6.4, 18, 46
_STYLE = """
.chart {{ background: var(--card); }}
text {{ fill: var(--soft); font: 11px system-ui, "Segoe UI", Roboto, sans-serif; }}
text.axis {{ fill: var(--ink); font-size: 12px; }}
text.name {{ fill: var(--ink); paint-order: stroke; stroke: var(--card); stroke-width: 3px; }}
text.key {{ fill: var(--ink); }}
.grid {{ stroke: var(--line); }}
.rule {{ stroke: var(--soft); stroke-dasharray: 3 3; }}
.leader {{ stroke: var(--soft); stroke-width: .8; }}
.line {{ fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }}
.dot {{ fill: currentColor; stroke: var(--card); stroke-width: 1.2; }}
.baseline {{ color: var(--soft); }}
.baseline .line {{ stroke-dasharray: 4 4; }}
.apart {{ color: var(--ink); }}
.frontier .line {{ stroke-width: 1.6; }}
.frontier.factor .line {{ stroke-dasharray: 5 4; }}
{systems}
.chart {{ --card: #fff; --ink: #1f2328; --soft: #59636e; --line: #d8dee4; {light} }}
@media (prefers-color-scheme: dark) {{
  .chart {{ --card: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #30363d; {dark} }}
}}
"""


def standalone(chart: str, legend: Sequence[tuple[str, str]] = ()) -> str:
    """A whole SVG file.

    Args:
        chart: of `charts.lines` or `scatter.scatter`.
        legend: names, and the classes of their lines, to put beneath.
    """
    opened, _, rest = chart.partition(">")
    size = Size(*map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', opened)[0]))
    keys, height = _keys(legend, size)
    style = _STYLE.format(systems=_systems(), light=_colors(LIGHT), dark=_colors(DARK))
    opened = opened.replace(f"0 0 {size.width} {size.height}", f"0 0 {size.width} {height}")
    opened = opened.replace("<svg ", f'<svg xmlns="{_NAMESPACE}" width="{size.width}" ')
    return f"{opened}><style>{style}</style>{rest.removesuffix('</svg>')}{keys}</svg>\n"


def _keys(legend: Sequence[tuple[str, str]], size: Size) -> tuple[str, int]:
    """Names with their lines, in rows as wide as the chart; and the height of all."""
    parts, x, row = [], float(LEFT), 0
    for name, style in legend:
        width = _GAP + _LETTER * len(name)
        if x > LEFT and x + width > size.width:
            x, row = float(LEFT), row + 1
        y = size.height + 8 + row * _LINE
        parts.append(
            f'<g class="{style}"><line class="line" x1="{x:.0f}" x2="{x + 22:.0f}" y1="{y}" '
            f'y2="{y}"/><text class="key" x="{x + 28:.0f}" y="{y + 4}">{html.escape(name)}</text>'
            "</g>"
        )
        x += width
    return "".join(parts), size.height + (8 + (row + 1) * _LINE if legend else 0)


def _systems() -> str:
    colors = [f".s{place} {{ color: var(--s{place}); }}" for place in range(len(LIGHT))]
    dashes = [
        f".d{turn} .line {{ stroke-dasharray: {dash}; }}\n"
        f".d{turn} .dot {{ fill: var(--card); stroke: currentColor; stroke-width: 2; }}"
        for turn, dash in enumerate(DASHES)
        if dash
    ]
    return "\n".join(colors + dashes)


def _colors(palette: Sequence[str]) -> str:
    return " ".join(f"--s{place}: {color};" for place, color in enumerate(palette))
