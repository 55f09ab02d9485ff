"""Colors of systems in charts, on light and on dark pages; no two of the first are alike to
color-blind people. Further systems have them again, with dashed lines and hollow points.
"""

LIGHT = (
    "#0072b2",
    "#d55e00",
    "#007f5f",
    "#b0457f",
    "#a06a00",
    "#3f8fc4",
    "#7a4fbf",
    "#8a5a44",
)
DARK = (
    "#58b0e8",
    "#ff8a4c",
    "#3fcf9f",
    "#ee8ec0",
    "#e8b54a",
    "#9fd3f5",
    "#b99af0",
    "#d3a084",
)
# Strokes by the number of a system's turn through the colors; empty: solid.
DASHES = ("", "7 3", "2 3", "8 3 2 3")
