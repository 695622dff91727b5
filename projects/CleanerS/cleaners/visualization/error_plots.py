"""Figures of the error analysis, drawn from its report."""

import io
from collections.abc import Sequence
from typing import Optional

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import EngFormatter
from matplotlib.transforms import offset_copy

DPI = 110
Palette = Sequence[Sequence[int]]

_SCORES = {
    'accuracy': ('accuracy', '0.45', 's'),
    'sc_iou': ('SC IoU', 'tab:blue', 'o'),
    'ssc_miou': ('SSC mIoU', 'tab:red', 'D'),
}
# side of a class's colour beside its name, points
_SWATCH = 9
_MARKERS = 'os^vDP*X<>hp'
# keeps light colours apart from the white ground
_OUTLINE = [Stroke(linewidth=3, foreground='0.35'), Normal()]


def draw_confusion(report: dict, palette: Palette) -> Figure:
    """Draw the confusion matrix: percent of the row, and counts.

    Args:
        report (dict): Of ``error_report``.
        palette (Sequence[Sequence[int]]): (C, 3) RGB, 0..255.

    Returns:
        Figure: Rows truth, columns prediction.
    """
    classes = report['classes']
    counts = np.array(report['overall']['confusion'])
    percent = np.array(report['overall']['confusion_percent'])
    side = 0.72 * len(classes)
    figure = Figure((side + 2.8, side + 1.6), DPI, layout='constrained')
    axes = figure.add_subplot()
    image = axes.imshow(percent, cmap='Blues', vmin=0, vmax=100)
    figure.colorbar(image, label='percent of the voxels of the true class', shrink=0.6)
    _write_cells(axes, counts, percent)
    ticks = range(len(classes))
    axes.set_xticks(ticks, classes, rotation=45, ha='right')
    axes.set_yticks(
        ticks,
        [
            f'{name}\n{_short(count)} voxels'
            for name, count in zip(classes, counts.sum(axis=1))
        ],
    )
    axes.tick_params(length=0, pad=2 * _SWATCH)
    _add_swatches(figure, axes, palette)
    axes.set(xlabel='prediction', ylabel='truth')
    axes.set_title('Confusion: percent of the row (and voxels)')
    return figure


def draw_error_by_distance(report: dict, palette: Palette) -> Figure:
    """Draw the figures of the bins of distance from the camera.

    Args:
        report (dict): Of ``error_report``.
        palette (Sequence[Sequence[int]]): (C, 3) RGB, 0..255.

    Returns:
        Figure: Number of voxels, scores, and recall of each class.
    """
    figure = Figure((10, 11), DPI, layout='constrained')
    figure.suptitle('Errors by distance from the camera')
    _draw_bins(
        figure.subplots(3, 1, height_ratios=(1, 1.6, 2.2)),
        report['distance'],
        report['classes'],
        palette,
        'distance of the voxel from the camera',
    )
    return figure


def draw_error_by_occlusion(report: dict, palette: Palette) -> Figure:
    """Draw surface against occluded voxels, and how deep these are hidden.

    Args:
        report (dict): Of ``error_report``.
        palette (Sequence[Sequence[int]]): (C, 3) RGB, 0..255.

    Returns:
        Figure: Scores and recall of surface and occluded voxels; below,
        what :func:`draw_error_by_distance` has, by depth.
    """
    figure = Figure((12, 14), DPI, layout='constrained')
    ((top,), (bottom,)) = figure.subfigures(2, 1, squeeze=False, height_ratios=(1, 2.4))
    top.suptitle('Surface voxels (a pixel sees them) and occluded ones')
    bottom.suptitle('Occluded voxels, by how deep they are hidden')
    scores, recall = top.subplots(1, 2, width_ratios=(1, 3))
    regions = report['occlusion']
    _draw_pairs(
        scores,
        {name: [region[key] for key in _SCORES] for name, region in regions.items()},
        [name for name, *_ in _SCORES.values()],
        [colour for _, colour, _ in _SCORES.values()],
    )
    scores.set_ylabel('percent')
    _draw_pairs(
        recall,
        {name: list(region['recall'].values()) for name, region in regions.items()},
        report['classes'],
        list(_unit_colours(palette)),
    )
    recall.set_ylabel('recall, percent')
    recall.legend(
        handles=[
            Patch(
                facecolor='0.75',
                edgecolor='0.2',
                hatch=hatch,
                label=f'{name}: {_short(regions[name]["voxels"])} voxels',
            )
            for name, hatch in zip(regions, ('', '///'))
        ],
        loc='lower right',
        bbox_to_anchor=(1, 1),
        ncol=2,
        frameon=False,
    )
    _draw_bins(
        bottom.subplots(3, 1, height_ratios=(1, 1.6, 2.2)),
        report['depth'],
        report['classes'],
        palette,
        'distance to the nearest voxel that a pixel sees',
    )
    return figure


def encode_figure(figure: Figure) -> bytes:
    """Encode a figure as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format='png')
    return buffer.getvalue()


def _draw_bins(
    axes: Sequence[Axes],
    section: dict,
    classes: Sequence[str],
    palette: Palette,
    what: str,
) -> None:
    """Draw voxels, scores and recall of bins below each other."""
    bins = section['bins']
    middles = np.array([(row['from'] + row['to']) / 2 for row in bins])
    _draw_counts(axes[0], bins, middles, section['width'])
    for key, (name, colour, marker) in _SCORES.items():
        axes[1].plot(
            middles,
            _values([row[key] for row in bins]),
            color=colour,
            marker=marker,
            label=name,
        )
    axes[1].set_ylabel('percent')
    colours = _unit_colours(palette)
    for index, name in enumerate(classes):
        axes[2].plot(
            middles,
            _values([row['recall'][name] for row in bins]),
            color=colours[index],
            marker=_MARKERS[index % len(_MARKERS)],
            path_effects=_OUTLINE,
            label=name,
        )
    axes[2].set_ylabel('recall, percent')
    for axis in axes:
        axis.sharex(axes[0])
        axis.grid(alpha=0.3)
    for axis in axes[1:]:
        axis.set_ylim(-3, 103)
        axis.legend(loc='center left', bbox_to_anchor=(1.01, 0.5))
    unit = section['unit']
    axes[2].set_xlabel(f'{what}, {unit} (bins of {section["width"]:g} {unit})')


def _draw_counts(
    axes: Axes, bins: list[dict], middles: np.ndarray, width: float
) -> None:
    axes.bar(middles, [row['voxels'] for row in bins], width=0.9 * width, color='0.6')
    axes.yaxis.set_major_formatter(EngFormatter(sep=''))
    axes.set_ylabel('voxels that count')
    if not bins:
        axes.text(
            0.5,
            0.5,
            'not known in any frame',
            ha='center',
            va='center',
            transform=axes.transAxes,
        )


def _draw_pairs(
    axes: Axes,
    values: dict[str, list[Optional[float]]],
    names: Sequence[str],
    colours: Sequence,
) -> None:
    """Draw a pair of bars for each name, the second one hatched."""
    places = np.arange(len(names))
    for shift, hatch, heights in zip((-0.2, 0.2), ('', '///'), values.values()):
        axes.bar(
            places + shift,
            _values(heights),
            width=0.38,
            color=colours,
            edgecolor='0.2',
            linewidth=0.6,
            hatch=hatch,
        )
    axes.set_xticks(places, names, rotation=45, ha='right')
    axes.set_ylim(0, 103)
    axes.grid(axis='y', alpha=0.3)
    axes.set_axisbelow(True)


def _write_cells(axes: Axes, counts: np.ndarray, percent: np.ndarray) -> None:
    """Write percent and count into each cell whose class has voxels."""
    for row, column in np.ndindex(counts.shape):
        if counts[row].any():
            axes.text(
                column,
                row,
                f'{percent[row, column]:.1f}\n({_short(counts[row, column])})',
                ha='center',
                va='center',
                fontsize=7.5,
                color='white' if percent[row, column] > 55 else '0.15',
            )


def _add_swatches(figure: Figure, axes: Axes, palette: Palette) -> None:
    """Put the colour of each class beside its row and below its column."""
    colours = _unit_colours(palette)
    places, edge = np.arange(len(colours)), np.zeros(len(colours))
    beside = edge, places, axes.get_yaxis_transform(), (-_SWATCH, 0)
    below = places, edge, axes.get_xaxis_transform(), (0, -_SWATCH)
    for x, y, across, shift in (beside, below):
        axes.scatter(
            x,
            y,
            c=colours,
            marker='s',
            s=_SWATCH**2,
            edgecolors='0.2',
            clip_on=False,
            transform=offset_copy(across, figure, *shift, 'points'),
        )


def _unit_colours(palette: Palette) -> np.ndarray:
    return np.asarray(palette) / 255.0


def _values(numbers: Sequence[Optional[float]]) -> np.ndarray:
    """Numbers as an array; None becomes a gap in the drawing."""
    return np.array(numbers, dtype=np.float64)


def _short(count: int) -> str:
    """A count in at most a few characters: 950, 9.5k, 1.2M."""
    return EngFormatter(places=None, sep='')(float(f'{count:.2g}'))
