"""The flipped form of a TSDF, in which the published answers are."""

import numpy as np

# least magnitude of a flipped value, so that its sign is never lost
FLOOR = np.float32(0.001)


def flip_tsdf(raw):
    """Flip a TSDF, so that it is largest at the surface.

    ``s * max(0.001, 1 - |t|)``, with s = 1 where |t| < 0.001 and the sign
    of t elsewhere.

    Args:
        raw (np.ndarray): Any shape, float32, -1..1.

    Returns:
        np.ndarray: Same shape, float32: 1 on the surface, 0.001 in far or
        unknown and -0.001 in far occluded space.
    """
    size = np.minimum(np.abs(raw), np.float32(1))
    value = np.maximum(np.float32(1) - size, FLOOR)
    return np.where((raw < 0) & (size >= FLOOR), -value, value)
