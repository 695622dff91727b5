"""The SSCNet release of NYU: which files each frame has."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Optional

from ..geometry.camera import Intrinsics
from .frame_record import FrameInputs
from .profile import SKETCH, Profile

_FRAME = re.compile(r'(NYU\d{4})_0000\.(bin|png)')
_PHOTO_ENDINGS = ('_rgb.png', '_colors.png', '_0000_rgb.png', '_0000_colors.png')


class NYUOptions(NamedTuple):
    """What a user can choose.

    Attributes:
        splits (Sequence[str]): Of 'train' and 'test'.
        cad_source (str, optional): Where clean depth comes from: 'depth'
            (the PNG files of NYUCAD) or 'voxels' (rendered from the
            labels). Defaults to None: 'depth' where the release has it.
        profile (Profile): Rules of the volumes, intrinsics included.
            Defaults to those of the 3D-Sketch release.
        rgb_from_depth (bool): Draw the depth where a frame has no photo.
            Defaults to False.
        transfer (str): How images come to the data set: 'copy', 'symlink'
            or 'hardlink'. Defaults to 'copy'.
    """

    splits: Sequence[str] = ('train', 'test')
    cad_source: Optional[str] = None
    profile: Profile = SKETCH
    rgb_from_depth: bool = False
    transfer: str = 'copy'

    @property
    def intrinsics(self) -> Intrinsics:
        """Intrinsics: Of the camera."""
        return self.profile.intrinsics


class Sources(NamedTuple):
    """Where the frames of a split come from.

    Attributes:
        folder (Path): Holds the .bin and .png of each frame.
        cad_folder (Path, optional): Holds the clean .png of each frame;
            None to render them.
        photos (dict[str, Path]): Colour image of each frame that has one.
        is_cad (bool): Whether clean depth takes the place of the sensor's.
    """

    folder: Path
    cad_folder: Optional[Path]
    photos: dict[str, Path]
    is_cad: bool

    def scene(self, sample_idx: str) -> Path:
        """Path of pose and labels of a frame."""
        return self.folder / f'{sample_idx}_0000.bin'

    def depth(self, sample_idx: str) -> Path:
        """Path of the sensor's depth image of a frame."""
        return self.folder / f'{sample_idx}_0000.png'

    def cad_depth(self, sample_idx: str) -> Optional[Path]:
        """Path of the clean depth image of a frame; None to render it."""
        if self.cad_folder is None:
            return None
        return self.cad_folder / f'{sample_idx}_0000.png'

    def list_inputs(self, sample_idx: str, options: NYUOptions) -> FrameInputs:
        """What a frame is made from: files that are there, and the camera."""
        files = dict(scene=self.scene(sample_idx))
        if not self.is_cad:
            files['depth'] = self.depth(sample_idx)
        if sample_idx in self.photos:
            files['photo'] = self.photos[sample_idx]
        cad_depth = self.cad_depth(sample_idx)
        if cad_depth is not None:
            files['cad_depth'] = cad_depth
            files['cad_pose'] = cad_depth.with_suffix('.bin')
        return FrameInputs(files, dict(intrinsics=options.intrinsics))


def find_sources(
    root_path: Path, split: str, options: NYUOptions, is_cad: bool
) -> Sources:
    """Find the files of a split.

    Args:
        root_path (Path): Of the release.
        split (str): 'train' or 'test'.
        options (NYUOptions): What the user chose.
        is_cad (bool): Whether NYUCAD is made, which does without the
            sensor's files.

    Returns:
        Sources: Where they are.

    Raises:
        FileNotFoundError: If there are no frames, or no clean depth images
            where the user asked for them.
    """
    cad_folder = root_path / f'NYUCAD{split}'
    folder = root_path / f'NYU{split}'
    if is_cad and not folder.is_dir() and cad_folder.is_dir():
        folder = cad_folder
    if not folder.is_dir() and len(options.splits) == 1:
        folder = root_path
    if not folder.is_dir() or not find_samples(folder):
        raise FileNotFoundError(
            f'{folder}: no frames NYUxxxx_0000.bin and .png; --root-path '
            'should hold NYUtrain and NYUtest of the SSCNet release'
        )
    if options.cad_source == 'depth' and not cad_folder.is_dir():
        raise FileNotFoundError(
            f'{cad_folder}: not found, but --cad-source depth reads the '
            'clean depth images there; use --cad-source voxels without them'
        )
    renders = options.cad_source == 'voxels' or not cad_folder.is_dir()
    return Sources(
        folder,
        None if renders else cad_folder,
        _find_photos(root_path, folder),
        is_cad,
    )


def find_samples(folder: Path) -> Sequence[str]:
    """Find all frames of which there is the .bin or the .png.

    Args:
        folder (Path): Where to look.

    Returns:
        list[str]: Their names, such as 'NYU0003', sorted.
    """
    matches = map(_FRAME.fullmatch, (path.name for path in folder.iterdir()))
    return sorted({match.group(1) for match in matches if match})


def _find_photos(root_path: Path, folder: Path) -> dict[str, Path]:
    """Colour image of every frame that has one."""
    photos: dict[str, Path] = {}
    for place in (folder, folder / 'RGB', root_path / 'RGB'):
        for ending in _PHOTO_ENDINGS:
            for path in sorted(place.glob(f'NYU????{ending}')):
                photos.setdefault(path.name[:7], path)
    return photos
