"""One picture out of several: titled panels side by side and a legend."""

from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

# pixels
MARGIN = 20
TITLE_HEIGHT = 44
LEGEND_ROW = 30
LEGEND_COLUMN = 120
FRAME_GREY = 190
# a power of two: any whole number of pixels is exact in inches
DPI = 64

Panel = tuple[str, np.ndarray]
LegendEntry = tuple[str, Sequence[int]]


def compose_panels(panels: list[Panel], legend: list[LegendEntry]) -> np.ndarray:
    """Put titled panels next to each other, with a legend below.

    The pixels of the panels are copied, not resampled: the first panel
    starts ``MARGIN`` pixels from the left and ``TITLE_HEIGHT`` from the
    top.

    Args:
        panels (list[tuple[str, np.ndarray]]): Titles and pictures, (H, W,
            3) uint8, RGB, all of the same height.
        legend (list[tuple[str, Sequence[int]]]): Names and RGB colours,
            0..255.

    Returns:
        np.ndarray: (H', W', 3) uint8, RGB.

    Raises:
        ValueError: If there is no panel, or the heights differ.
    """
    heights = {picture.shape[0] for _, picture in panels}
    if len(heights) != 1:
        raise ValueError(
            'panels should be one or more pictures of one '
            f'height, but got heights {sorted(heights)}'
        )
    panel_height = heights.pop()
    width = MARGIN + sum(p.shape[1] + MARGIN for _, p in panels)
    columns = min(max(width // LEGEND_COLUMN, 1), max(len(legend), 1))
    rows = -(-len(legend) // columns)
    bottom = rows * LEGEND_ROW + MARGIN
    height = TITLE_HEIGHT + panel_height + bottom

    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    canvas = FigureCanvasAgg(figure)
    left = MARGIN
    for title, picture in panels:
        figure.text(
            (left + picture.shape[1] / 2) / width,
            1 - TITLE_HEIGHT / 2 / height,
            title,
            ha='center',
            va='center',
            fontsize=21,
            color='0.15',
        )
        left += picture.shape[1] + MARGIN
    _add_legend(figure, legend, columns, bottom / 2 / height)
    canvas.draw()
    drawn = np.array(canvas.buffer_rgba())[..., :3]
    _paste(drawn, [picture for _, picture in panels])
    return drawn


def _add_legend(
    figure: Figure, legend: list[LegendEntry], columns: int, middle: float
) -> None:
    """Draw the legend in rows, centred at a height in 0..1."""
    handles = [
        Patch(
            facecolor=(red / 255, green / 255, blue / 255),
            edgecolor='0.2',
            linewidth=0.8,
            label=name,
        )
        for name, (red, green, blue) in legend
    ]
    figure.legend(
        handles=_row_by_row(handles, columns),
        loc='center',
        bbox_to_anchor=(0.5, middle),
        ncol=columns,
        frameon=False,
        fontsize=18,
        handlelength=1.2,
        handleheight=1.2,
        handletextpad=0.5,
        columnspacing=1.6,
        labelcolor='0.15',
    )


def _row_by_row(handles: list[Patch], columns: int) -> list[Patch]:
    """Reorder handles, as matplotlib fills a legend column by column."""
    return [handle for column in range(columns) for handle in handles[column::columns]]


def _paste(drawn: np.ndarray, pictures: list[np.ndarray]) -> None:
    """Copy the panels to their places and frame them, in place."""
    top, left = TITLE_HEIGHT, MARGIN
    for picture in pictures:
        bottom, right = top + picture.shape[0], left + picture.shape[1]
        drawn[top - 1 : bottom + 1, left - 1 : right + 1] = FRAME_GREY
        drawn[top:bottom, left:right] = picture
        left = right + MARGIN
