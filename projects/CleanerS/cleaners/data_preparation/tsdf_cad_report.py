"""How well clean twins fit their frames, in a few lines."""

import numpy as np

# a pose that explains less of the mapping is named
_GOOD_SHARE = 0.97
# frames that are named for being least like what the sensor saw
_NUM_NAMED = 5


def correlation(clean: np.ndarray, sensor: np.ndarray) -> float:
    """Correlate two TSDF volumes.

    Args:
        clean (np.ndarray): Any shape.
        sensor (np.ndarray): As many values.

    Returns:
        float: -1 to 1; 0 where one of them is constant.
    """
    first, second = (
        volume.ravel() - np.mean(volume, dtype=np.float64) for volume in (clean, sensor)
    )
    scale = np.linalg.norm(first) * np.linalg.norm(second)
    return float(first @ second / scale) if scale else 0.0


def describe_poses(poses: dict[str, dict]) -> str:
    """Say how well the poses explain the mappings, and how like the twins are.

    Args:
        poses (dict[str, dict]): By frame; ``hit_share`` and
            ``sensor_correlation``.

    Returns:
        str: Several lines.
    """
    if not poses:
        return 'no frame'
    shares, likeness = (
        np.array([pose[key] for pose in poses.values()])
        for key in ('hit_share', 'sensor_correlation')
    )
    names = list(poses)
    lines = [
        f'{len(poses)} poses; share of the mapped pixels whose ray passes '
        f'through their voxel: {_spread(shares)}'
    ]
    lines += [
        f'  {name}: {share:.4f}, below {_GOOD_SHARE}'
        for name, share in zip(names, shares)
        if share < _GOOD_SHARE
    ]
    least = [
        f'{names[index]} {likeness[index]:.2f}'
        for index in likeness.argsort()[:_NUM_NAMED]
    ]
    lines.append(
        'correlation of clean TSDF and sensor TSDF: '
        f'{_spread(likeness)} (least: {", ".join(least)})'
    )
    return '\n'.join(lines)


def _spread(values: np.ndarray) -> str:
    """Smallest, low and middle value."""
    return (
        f'smallest {values.min():.4f}, 1 % {np.percentile(values, 1):.4f},'
        f' median {np.median(values):.4f}'
    )
