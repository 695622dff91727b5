"""A prepared frame as one picture: what the network is given to read."""

import numpy as np

from ..fileio.depth_file import read_depth_png
from ..fileio.image_file import read_photo
from ..fileio.npz_file import read_volume_npz
from ..geometry.mapping import mapping_to_image
from . import frame_panels as panels


def draw_frame(info: dict, metainfo: dict) -> np.ndarray:
    """Draw one frame, as far as its files are named.

    Args:
        info (dict): Of the data set.
        metainfo (dict): Of the data set, for names and colours.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.

    Raises:
        ValueError: If a file is broken.
        FileNotFoundError: If one is missing.
    """
    pictures = _pictures(info)
    size = pictures[0][1].shape[:2] if pictures else tuple(info['img_size'])
    volumes = coloured_volumes(info, metainfo['palette'])
    # whole numbers may be stored as any type
    mapping = _volume(info, 'mapping_path').ravel().astype(np.int64)
    # pixels take the colour of their voxel's label; without, of the TSDF
    dots = volumes[1 if len(volumes) > 1 else 0][1].reshape(-1, 3)
    ground = pictures[0][1] if pictures else np.zeros((*size, 3), np.uint8)
    marked = panels.overlay_mapping(ground, mapping_to_image(mapping, size), dots)
    first = [*pictures, ('Mapped pixels', marked)]
    cuts = panels.cut_volumes(volumes, mapping < size[0] * size[1], size)
    legend = list(zip(metainfo['classes'], metainfo['palette']))[1:]
    return panels.compose_rows([first, *cuts], legend if len(volumes) > 1 else [])


def _pictures(info: dict) -> list[panels.Panel]:
    """Photo and depth image with their titles, those that there are."""
    found = []
    if info.get('img_path'):
        found.append(('Photo', read_photo(info['img_path'])))
    if info.get('depth_path'):
        depth = read_depth_png(info['depth_path']) / 1000.0
        found.append(('Depth', panels.colour_depth(depth)))
    return found


def _volume(info: dict, key: str, name: str = 'arr_0') -> np.ndarray:
    """One volume of a frame, (X, Y, Z)."""
    return read_volume_npz(info[key], name, info['grid_size'])


def coloured_volumes(info: dict, palette: list) -> list[panels.Panel]:
    """Read and colour the volumes of a frame.

    Args:
        info (dict): Of the data set.
        palette (list): RGB of each class.

    Returns:
        list[tuple[str, np.ndarray]]: Titles and (X, Y, Z, 3) uint8, RGB: the TSDF,
        all labels, those that count.
    """
    volumes = [('TSDF', panels.colour_tsdf(_volume(info, 'tsdf_path')))]
    if info.get('label_path'):
        label = _volume(info, 'label_path').astype(np.int64)
        counted = label.copy()
        counted[_volume(info, 'tsdf_path', 'arr_1') == 0] = info['ignore_index']
        volumes += [
            ('Label', panels.colour_labels(label, palette)),
            ('Label where it counts', panels.colour_labels(counted, palette)),
        ]
    return volumes
