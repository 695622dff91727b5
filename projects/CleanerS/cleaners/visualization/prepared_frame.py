"""A prepared frame as one picture: what the network is given to read."""

import numpy as np

from ..datasets import nyu
from ..fileio.depth_file import read_depth_png
from ..fileio.image_file import decode_photo, read_bytes
from ..fileio.npz_file import read_npz
from ..geometry.mapping import mapping_to_image
from . import frame_panels as panels


def draw_frame(info: dict, metainfo: dict) -> np.ndarray:
    """Draw one frame.

    Args:
        info (dict): Of the data set.
        metainfo (dict): Of the data set, for names and colours.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    photo = decode_photo(info['img_path'], read_bytes(info['img_path'], 'photo'))
    size = photo.shape[:2]
    mapping = _volume(info, 'mapping_path').ravel()
    voxels = mapping_to_image(mapping, size)
    volumes = _coloured_volumes(info, metainfo['palette'])
    # pixels take the colour of their voxel's label; without, of the TSDF
    dots = volumes[1 if len(volumes) > 1 else 0][1].reshape(-1, 3)
    first = [
        ('Photo', photo),
        ('Mapped pixels', panels.overlay_mapping(photo, voxels, dots)),
    ]
    if 'depth_path' in info:
        depth = read_depth_png(info['depth_path']) / 1000.0
        first.insert(1, ('Depth', panels.colour_depth(depth)))
    cuts = panels.cut_volumes(volumes, mapping < size[0] * size[1], size)
    legend = list(zip(metainfo['classes'], metainfo['palette']))[1:]
    return panels.compose_rows([first, *cuts], legend if len(volumes) > 1 else [])


def _volume(info: dict, key: str, name: str = 'arr_0') -> np.ndarray:
    """One volume of a frame, (X, Y, Z)."""
    grid = nyu.GRID
    return read_npz(info[key], name, grid.num_voxels).reshape(grid.shape)


def _coloured_volumes(info: dict, palette: list) -> list[panels.Panel]:
    """Titles and coloured volumes (X, Y, Z, 3) of a frame."""
    volumes = [('TSDF', panels.colour_tsdf(_volume(info, 'tsdf_path')))]
    if info['label_path'] is not None:
        label = _volume(info, 'label_path')
        counted = label.copy()
        counted[_volume(info, 'tsdf_path', 'arr_1') == 0] = 255
        volumes += [
            ('Label', panels.colour_labels(label, palette)),
            ('Label where it counts', panels.colour_labels(counted, palette)),
        ]
    return volumes
