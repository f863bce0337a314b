"""How charts look: small, well-formed SVG, drawn without a browser or a network.

Text and lines are of a grey that reads on white and on black; the HTML report recolours them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias
from xml.etree import ElementTree

from quality.model import Grade

Spec: TypeAlias = dict[str, Any]
"""A piece of Vega-Lite's JSON: a layer, a channel, an axis."""

INK = "#737b84"
DARK_INK = "#24282d"
"""For text on a colour."""
COLOURS = {
    Grade.GREEN: "#2f9e63",
    Grade.AMBER: "#e39b16",
    Grade.RED: "#d2453d",
    Grade.NO_DATA: "#98a1ab",
}
COLOUR: Spec = {"field": "colour", "type": "nominal", "scale": None}
"""The channel of a mark that has a colour of its own."""
TEXT: Spec = {"field": "text", "type": "nominal"}
"""The channel of a mark that says something."""
GAP: Spec = {"paddingInner": 0.05, "paddingOuter": 0}
"""A scale of cells with a little space between them."""
_CHARACTER = 7.2  # pixels: who looks at a picture may have wider fonts than who drew it
_SVG = "http://www.w3.org/2000/svg"
_UNSEEN = {"class", "aria-hidden", "aria-label", "aria-roledescription", "role", "pointer-events"}
_MEASURES = {"d", "transform", "x", "y", "x2", "y2", "width", "height", "viewBox"}
_INHERITED = ("fill", "font-family", "font-size", "font-weight", "stroke", "text-anchor")
_LONG_NUMBER = re.compile(r"(\d\.\d)\d+")


def layer(mark: str, channels: Spec, where: str | None = None, **look: Any) -> Spec:
    """One layer of a chart.

    Args:
        mark: What is drawn for each row: `bar`, `text`.
        channels: What its places and colours tell, by channel: `x`, `color`.
        where: Which rows it is drawn for, as an expression; all if it is not given.
        look: How the mark looks, whatever the row.
    """
    drawn: Spec = {"mark": {"type": mark, **look}, "encoding": channels}
    return drawn | {"transform": [{"filter": where}]} if where else drawn


def nominal(field: str, **look: Any) -> Spec:
    """A channel that tells a name."""
    return {"field": field, "type": "nominal", **look}


def quantitative(field: str, **look: Any) -> Spec:
    """A channel that tells a number."""
    return {"field": field, "type": "quantitative", **look}


def draw(rows: Sequence[Spec], layers: Sequence[Spec], right: int = 12, **size: Any) -> str:
    """Draw a chart as SVG.

    Args:
        rows: The data; a layer may bring its own.
        layers: What is drawn of them, the lowest first.
        right: Pixels to leave free on the right, for text that runs over the edge.
        size: Its `width` and `height`, in pixels or as `{"step": pixels}` for each name.
    """
    import vl_convert

    look = {
        "background": "transparent",
        "font": "system-ui, sans-serif",
        "padding": {"left": 4, "top": 4, "bottom": 4, "right": right},
        "view": {"stroke": None},
        "axis": {
            "labelColor": INK,
            "labelFontSize": 12,
            "gridColor": INK,
            "gridOpacity": 0.18,
            "domain": False,
            "ticks": False,
        },
        "text": {"color": INK, "fontSize": 12},
        "aria": False,
    }
    chart = {"data": {"values": rows}, "layer": layers, "config": look, **size}
    return compact(vl_convert.vegalite_to_svg(chart, allowed_base_urls=[]))


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


def opaque(svg: str) -> str:
    """The same picture for any ground: where one would shine through a colour, white does."""
    root = ElementTree.fromstring(svg)
    for group in root.iter():
        for mark in group:
            colour = mark.get("fill", group.get("fill", ""))
            if "opacity" in mark.attrib and colour.startswith("#"):
                mark.set("fill", on_white(colour, float(mark.attrib.pop("opacity"))))
    return ElementTree.tostring(root, encoding="unicode")


def on_white(colour: str, depth: float) -> str:
    """What `#rrggbb` looks like on white, `depth` of it from 0 to 1."""
    channels = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - depth * (255 - channel)):02x}" for channel in channels)


def score_axis(thresholds: Iterable[float]) -> Spec:
    """An axis from 0 to 1 that names the thresholds."""
    values = sorted({0.0, 0.5, 1.0, *thresholds})
    return {"title": None, "values": values, "format": ".3~f", "labelOverlap": False}


def name_axis(names: Sequence[str]) -> Spec:
    """An axis of names, with room for them."""
    room = width_of(names) + 14
    return {"title": None, "labelLimit": 400, "labelPadding": 10, "minExtent": room}


def width_of(texts: Sequence[str]) -> int:
    """Pixels that the longest of the texts may take."""
    return round(max(map(len, texts)) * _CHARACTER)
