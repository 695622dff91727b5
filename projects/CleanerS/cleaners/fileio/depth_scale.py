"""What the numbers of a depth image mean in metres."""

from typing import NamedTuple, Optional

import numpy as np

from ..geometry.tsdf import DEPTH_RANGE
from .depth_file import decode_depth

# less of the measured pixels in the range is no room
_MIN_SHARE = 0.05
# ... nor is less than this where another reading gives a room
_DOUBTFUL_SHARE, _CLEAR_SHARE = 0.2, 0.5
# metres; how far half of what a camera sees in a room is away
_USUAL_MEDIAN, _POSSIBLE_MEDIANS = 2.8, (1.0, 6.0)
# values to a metre: millimetres, TUM RGB-D, tenths of mm, KITTI, metres
_SCALES = (1000.0, 5000.0, 10000.0, 256.0, 1.0)
_FLOAT_SCALES = (1.0, 1000.0)
# renderers write such a number where there is nothing
_NOTHING = 1e6


class DepthCode(NamedTuple):
    """How a depth image codes metres.

    Attributes:
        scale (float, optional): Values to a metre. Defaults to None: floats
            are metres, integers millimetres.
        is_rotated (bool): Whether the 16 bits are rotated left by three.
            Defaults to False.
    """

    scale: Optional[float] = None
    is_rotated: bool = False

    def scale_of(self, stored: np.ndarray) -> float:
        """Values to a metre for an image."""
        usual = _FLOAT_SCALES if stored.dtype.kind == 'f' else _SCALES
        return usual[0] if self.scale is None else self.scale

    def describe(self, stored: np.ndarray) -> str:
        """The options that stand for it."""
        scale = self.scale_of(stored)
        option = f'--depth-scale {scale:g}'
        if not self.is_rotated:
            return option
        return '--rotated-depth' + f' {option}' * (scale != _SCALES[0])


def depth_to_metres(stored: np.ndarray, code: DepthCode) -> np.ndarray:
    """Turn what a file holds into metres.

    Args:
        stored (np.ndarray): (H, W), as from ``decode_depth_file``. Integers
            of 0, less, or the largest of their type, and floats that are
            not finite, not positive or beyond 1e6 are "not measured".
        code (DepthCode): What the numbers mean.

    Returns:
        np.ndarray: (H, W) float32, metres; 0 means "not measured".

    Raises:
        ValueError: If bits are said to be rotated that are not 16.
    """
    values = stored
    if code.is_rotated:
        if stored.dtype != np.uint16:
            raise ValueError(f'--rotated-depth is for uint16, but got {stored.dtype}')
        values = decode_depth(stored)
    # a scale that is absurd gives depth that is out of range
    with np.errstate(over='ignore'):
        depth = values.astype(np.float64) / code.scale_of(stored)
        depth = depth.astype(np.float32)
    return np.where(_is_measured(stored), depth, np.float32(0))


def check_depth_code(stored: np.ndarray, code: DepthCode, force: bool = False) -> None:
    """Refuse a depth image that shows no room, read in this way.

    Args:
        stored (np.ndarray): (H, W), as from ``decode_depth_file``.
        code (DepthCode): What the numbers are said to mean.
        force (bool): Accept any image with some depth in the range.
            Defaults to False.

    Raises:
        ValueError: If nothing was measured, or next to nothing lies in the
            range of the TSDF; names the codes that fit.
    """
    if not _is_measured(stored).any():
        raise ValueError('nothing was measured, no pixel has a depth')
    share = _share_in_range(stored, code)
    if share >= _DOUBTFUL_SHARE or (force and share > 0):
        return
    better = _better_codes(stored)
    if not better and share >= _MIN_SHARE:
        return
    low, high = DEPTH_RANGE
    message = (
        f'as {stored.dtype} with {code.describe(stored)}, '
        f'{100 * share:.3g} % of the measured pixels lie in {low:g} to '
        f'{high:g} m (median {_median(stored, code):.3g} m)'
    )
    if not better:
        raise ValueError(
            f'{message}, and with none of the usual codes do '
            'more; is it the depth of a room?'
        )
    hints = []
    for other in better:
        without = code.is_rotated and not other.is_rotated
        hints.append(
            f'with {other.describe(stored)}'
            + ' without --rotated-depth' * without
            + f', {100 * _share_in_range(stored, other):.3g} % would (median '
            f'{_median(stored, other):.3g} m)'
        )
    raise ValueError(f'{message}; {", or ".join(hints)}')


def stored_to_metres(
    source: object, stored: np.ndarray, code: DepthCode, force: bool = False
) -> np.ndarray:
    """Turn a depth image into metres, if it shows a room when read so.

    Args:
        source (object): Where it is from, for the message.
        stored, code, force: As in :func:`check_depth_code`.

    Returns:
        np.ndarray: (H, W) float32, as of :func:`depth_to_metres`.

    Raises:
        ValueError: As from :func:`check_depth_code`.
    """
    try:
        check_depth_code(stored, code, force)
        return depth_to_metres(stored, code)
    except ValueError as error:
        raise ValueError(f'{source}: {error}') from error


def _better_codes(stored: np.ndarray) -> list[DepthCode]:
    """The usual codes that give a room, the likeliest first, at most two."""
    codes = [
        code
        for code in _usual_codes(stored)
        if _share_in_range(stored, code) >= _CLEAR_SHARE
    ]
    medians = {code: _median(stored, code) for code in codes}
    codes.sort(key=lambda code: abs(np.log(medians[code] / _USUAL_MEDIAN)))
    low, high = _POSSIBLE_MEDIANS
    return codes[:1] + [c for c in codes[1:2] if low < medians[c] < high]


def _usual_codes(stored: np.ndarray) -> list[DepthCode]:
    """Codes in use for images of this type."""
    if stored.dtype.kind == 'f':
        return [DepthCode(scale) for scale in _FLOAT_SCALES]
    if stored.dtype == np.uint16:
        # rotated millimetres up to 8.19 m end in three zero bits
        measured = stored[_is_measured(stored)]
        if (measured % 8 == 0).mean() > 0.9:
            return [DepthCode(_SCALES[0], True)]
    return [DepthCode(scale) for scale in _SCALES]


def _is_measured(stored: np.ndarray) -> np.ndarray:
    """Pixels whose number is a depth."""
    if stored.dtype.kind == 'f':
        return (stored > 0) & (stored < _NOTHING)
    return (stored > 0) & (stored < np.iinfo(stored.dtype).max)


def _share_in_range(stored: np.ndarray, code: DepthCode) -> float:
    """Share of the measured pixels within the range of the TSDF."""
    depth = depth_to_metres(stored, code)[_is_measured(stored)]
    low, high = DEPTH_RANGE
    return float(((depth >= low) & (depth <= high)).mean())


def _median(stored: np.ndarray, code: DepthCode) -> float:
    """Median depth of the measured pixels, metres."""
    return float(np.median(depth_to_metres(stored, code)[_is_measured(stored)]))
