"""What a clean twin looks like."""

from pathlib import Path

import numpy as np

from ..datasets import nyu
from ..fileio.image_file import encode_png, read_photo
from ..fileio.npz_file import read_npz
from ..geometry.camera import Intrinsics
from ..geometry.voxel_grid import GridView
from ..visualization.depth_shading import shade_depth
from .profile import Profile
from .tsdf_cad import clean_depth

_MARK = np.array([255, 60, 0], dtype=np.uint8)


def draw_clean_frame(info: dict, pose: dict, profile: Profile) -> bytes:
    """Draw a frame: the photo if there is one, then the clean depth.

    The pixels of the mapping are marked in the last picture: they should lie
    on what is drawn.

    Args:
        info (dict): Of :obj:`NYUSSCDataset`.
        pose (dict): ``cam2world`` (4, 4) and ``cam2img`` (3, 3).
        profile (Profile): Rules of the data set.

    Returns:
        bytes: A PNG file.
    """
    size = nyu.GRID.num_voxels
    intrinsics = Intrinsics.from_matrix(pose['cam2img'])
    view = GridView(np.array(pose['cam2world']), np.zeros(3), intrinsics, nyu.FINE_GRID)
    depth_mm = clean_depth(read_npz(info['label_path'], 'arr_0', size), view)
    relief = shade_depth(depth_mm, intrinsics)
    marked = relief.reshape(-1, 3).copy()
    mapping = read_npz(info['mapping_path'], 'arr_0', size)
    marked[mapping[mapping < len(marked)].astype(np.int64)] = _MARK
    pictures: list[np.ndarray] = _photo(info)
    pictures += [relief, marked.reshape(relief.shape)]
    return encode_png(np.concatenate(pictures, axis=1))


def _photo(info: dict) -> list[np.ndarray]:
    """The photo beside the volumes, if it lies there."""
    root = Path(info['tsdf_path']).parent.parent
    names = f'RGB/{info["sample_idx"]}_*'
    for path in sorted([*root.glob(names), *root.glob(f'*/{names}')]):
        photo = read_photo(path)
        if photo.shape[:2] == nyu.IMG_SIZE:
            return [photo]
    return []
