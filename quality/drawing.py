"""How charts look: small, well-formed SVG, drawn without a browser or a network.

Text and lines are of a grey that reads on white and on black; the HTML report recolours them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from quality.model import Grade

if TYPE_CHECKING:
    import altair

INK = "#737b84"
DARK_INK = "#24282d"
"""For text on a colour."""
COLOURS = {
    Grade.GREEN: "#2f9e63",
    Grade.AMBER: "#e39b16",
    Grade.RED: "#d2453d",
    Grade.NO_DATA: "#98a1ab",
}
_CHARACTER = 7.2  # pixels: who looks at a picture may have wider fonts than who drew it
_SVG = "http://www.w3.org/2000/svg"
_UNSEEN = {"class", "aria-hidden", "aria-label", "aria-roledescription", "role", "pointer-events"}
_MEASURES = {"d", "transform", "x", "y", "x2", "y2", "width", "height", "viewBox"}
_INHERITED = ("fill", "font-family", "font-size", "font-weight", "stroke", "text-anchor")
_LONG_NUMBER = re.compile(r"(\d\.\d)\d+")


def draw(chart: altair.LayerChart | altair.FacetChart, right: int = 12) -> str:
    """Draw a chart as SVG.

    Args:
        right: Pixels to leave free on the right, for text that runs over the edge.
    """
    import vl_convert

    styled = chart.configure(
        background="transparent",
        font="system-ui, sans-serif",
        padding={"left": 4, "top": 4, "bottom": 4, "right": right},
        view={"stroke": None},
        axis={
            "labelColor": INK,
            "labelFontSize": 12,
            "gridColor": INK,
            "gridOpacity": 0.18,
            "domain": False,
            "ticks": False,
        },
        text={"color": INK, "fontSize": 12},
        aria=False,
    )
    return compact(vl_convert.vegalite_to_svg(styled.to_dict(validate=False), allowed_base_urls=[]))


def compact(svg: str) -> str:
    """The same picture in fewer bytes: what cannot be seen is left out."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(svg)
    for element in list(root.iter()):
        for name in _UNSEEN.intersection(element.attrib):
            del element.attrib[name]
        for name in _MEASURES.intersection(element.attrib):
            element.set(name, _LONG_NUMBER.sub(r"\1", element.attrib[name]))
        for path in element.findall(f"{{{_SVG}}}path"):
            if path.get("fill", path.get("stroke")) is None:
                element.remove(path)
        _hoist(element)
    return ElementTree.tostring(root, encoding="unicode")


def _hoist(group: ElementTree.Element) -> None:
    """Say once, of the group, what is said of each in it."""
    children = list(group)
    for name in _INHERITED if len(children) > 1 else ():
        values = {child.get(name) for child in children}
        if len(values) == 1 and None not in values:
            group.set(name, *values)  # type: ignore[arg-type]
            for child in children:
                del child.attrib[name]


def on_white(colour: str, depth: float) -> str:
    """What `#rrggbb` looks like on white, `depth` of it from 0 to 1."""
    channels = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - depth * (255 - channel)):02x}" for channel in channels)


def score_axis(thresholds: Iterable[float]) -> altair.Axis:
    """An axis from 0 to 1 that names the thresholds."""
    import altair as alt

    values = sorted({0.0, 0.5, 1.0, *thresholds})
    return alt.Axis(title=None, values=values, format=".3~f", labelOverlap=False)


def name_axis(names: Sequence[str]) -> altair.Axis:
    """An axis of names, with room for them."""
    import altair as alt

    room = width_of(names) + 14
    return alt.Axis(title=None, labelLimit=400, labelPadding=10, minExtent=room)


def width_of(texts: Sequence[str]) -> int:
    """Pixels that the longest of the texts may take."""
    return round(max(map(len, texts)) * _CHARACTER)


def gap() -> altair.Scale:
    """A scale of cells with a little space between them."""
    import altair as alt

    return alt.Scale(paddingInner=0.05, paddingOuter=0)
