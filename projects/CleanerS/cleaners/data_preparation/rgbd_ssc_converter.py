"""Frames of anyone's RGB-D camera, without ground truth."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence

import numpy as np

from ..datasets import nyu
from ..fileio.depth_file import decode_depth_png, encode_depth
from ..fileio.image_file import decode_photo, encode_png, read_bytes
from ..geometry.camera import Intrinsics
from ..geometry.pose import estimate_view, face_forward, place_box
from ..geometry.resample import fit_image
from .dataset_layout import DatasetLayout, make_layout
from .frame_record import FrameInputs
from .frame_writer import FrameData, ImageFile, ensure_frame
from .split_converter import Share, convert_splits

_PHOTO_SUFFIXES = ('.png', '.jpg', '.jpeg')
# what cameras' programs append to the name that photo and depth share
_KIND = re.compile(r'[._-](colou?rs?|rgb|image|depth)$', re.IGNORECASE)
_MATRIX_KEYS = dict(
    intrinsics=('intrinsics', 'cam2img', 'K'), pose=('pose', 'cam2world'))
# photo and depth show the same if their aspect ratios differ by less
_ASPECT_SLACK = .01


class RGBDOptions(NamedTuple):
    """What a user can say of the camera.

    Attributes:
        intrinsics (str): 'fx,fy,cx,cy' or a file, or a folder with one file
            a frame; in pixels of the photo.
        pose (str, optional): A file with the camera-to-world matrix, or a
            folder with one file a frame. Defaults to None: estimated.
        gravity (Sequence[float], optional): As in ``estimate_view``.
        camera_height (float, optional): As in ``estimate_view``.
        depth_scale (float): Depth values to a metre. Defaults to 1000.
        is_rotated (bool): Whether depth is coded like NYU's. Defaults to
            False.
        fit (str): As in ``fit_image``. Defaults to 'pad'.
    """

    intrinsics: str
    pose: Optional[str] = None
    gravity: Optional[Sequence[float]] = None
    camera_height: Optional[float] = None
    depth_scale: float = 1000.
    is_rotated: bool = False
    fit: str = 'pad'


class Sources(NamedTuple):
    """Files of each frame.

    Attributes:
        photos (dict[str, Path]): Photo of each frame.
        depths (dict[str, Path]): Depth image of each frame.
    """

    photos: Dict[str, Path]
    depths: Dict[str, Path]


def convert_rgbd(rgb: Path,
                 depth: Path,
                 out_dir: Path,
                 options: RGBDOptions,
                 share: Share = Share()) -> bool:
    """Prepare one frame, or all frames of two folders, as split 'test'.

    Args:
        rgb (Path): A photo, or a folder of them.
        depth (Path): A depth image that is aligned with the photo, or a
            folder of them.
        out_dir (Path): Folder of the data set.
        options (RGBDOptions): What is known of the camera.
        share (Share): Processes, and the shard. Defaults to one.

    Returns:
        bool: Whether all frames were prepared.

    Raises:
        FileNotFoundError: If there are no frames.
        ValueError: If photos and depth images do not belong together, or an
            option makes no sense.
    """
    if not 0 < options.depth_scale < np.inf:
        raise ValueError('--depth-scale should be positive, but got '
                         f'{options.depth_scale}')
    sources = find_frames(rgb, depth)
    layout = make_layout(out_dir, 'rgbd')
    convert = partial(
        convert_frame, sources=sources, layout=layout, options=options)
    jobs = dict(test=(sorted(sources.photos), convert))
    # whatever is said of the camera is said of frames one by one
    return convert_splits(layout, {}, jobs, share)


def convert_frame(sample_idx: str, sources: Sources, layout: DatasetLayout,
                  options: RGBDOptions) -> dict:
    """Prepare one frame, unless that was done before from the same.

    Args:
        sample_idx (str): Of the frame.
        sources (Sources): Where its files are.
        layout (DatasetLayout): Where to.
        options (RGBDOptions): What is known of the camera.

    Returns:
        dict: Its record.

    Raises:
        FileNotFoundError: If a file of the frame is missing.
        ValueError: If one is broken, or the pose cannot be estimated.
    """
    return ensure_frame(layout, 'test', sample_idx,
                        list_inputs(sample_idx, sources, options),
                        partial(_read_frame, sample_idx, sources, options))


def list_inputs(sample_idx: str, sources: Sources,
                options: RGBDOptions) -> FrameInputs:
    """List what a frame is made from.

    Args:
        sample_idx (str): Of the frame.
        sources (Sources): Where its files are.
        options (RGBDOptions): What is known of the camera.

    Returns:
        FrameInputs: Where intrinsics and pose are files, their content
        counts, not their name.
    """
    files = dict(
        photo=sources.photos[sample_idx], depth=sources.depths[sample_idx])
    said = options._asdict()
    for kind in ('intrinsics', 'pose'):
        if said[kind] and _camera_file(said[kind], sample_idx).is_file():
            files[kind] = _camera_file(said.pop(kind), sample_idx)
    return FrameInputs(files, said)


def _read_frame(sample_idx: str, sources: Sources,
                options: RGBDOptions) -> FrameData:
    """Photo, depth and camera of a frame, in the sizes of NYU."""
    path = sources.photos[sample_idx]
    photo = decode_photo(path, read_bytes(path, 'photo'))
    resampling = fit_image(photo.shape[:2], nyu.IMG_SIZE, options.fit)
    depth_mm = resampling.depth(
        _read_depth(sources.depths[sample_idx], photo.shape[:2], options))
    given = read_intrinsics(options.intrinsics, sample_idx)
    intrinsics = resampling.intrinsics(given)
    if options.pose is None:
        try:
            view = estimate_view(depth_mm / 1000., intrinsics, nyu.FINE_GRID,
                                 options.gravity, options.camera_height)
        except ValueError as error:
            raise ValueError(
                f'{sources.depths[sample_idx]}: {error}') from error
    else:
        view = place_box(
            read_pose(options.pose, sample_idx), intrinsics, nyu.FINE_GRID)
    return FrameData(view, ImageFile(encode_png(resampling.photo(photo))),
                     ImageFile(encode_png(encode_depth(depth_mm))), depth_mm)


def find_frames(rgb: Path, depth: Path) -> Sources:
    """Find which photo and which depth image belong together.

    In folders (or in one folder) they have the same name, but for the
    ending and for a last part like ``.color``, ``_rgb`` or ``-depth``.

    Args:
        rgb (Path): A photo, or a folder of them.
        depth (Path): A depth image, or a folder of them.

    Returns:
        Sources: Files by the name of their frame.

    Raises:
        FileNotFoundError: If there is nothing.
        ValueError: If they do not belong together.
    """
    for path in (rgb, depth):
        if not path.exists():
            raise FileNotFoundError(f'{path}: no such file or folder')
    if rgb.is_dir() != depth.is_dir():
        raise ValueError(f'{rgb} and {depth}: give two files or two folders')
    if not rgb.is_dir():
        name = _frame_name(rgb)
        return Sources({name: rgb}, {name: depth})
    photos = _by_name(rgb, _PHOTO_SUFFIXES, is_depth=False)
    depths = _by_name(depth, ('.png', ), is_depth=True)
    if not photos:
        raise FileNotFoundError(f'{rgb}: no photos (.png, .jpg) there')
    odd = sorted(set(photos) ^ set(depths))
    if odd:
        raise ValueError(
            f'{rgb} and {depth}: {len(odd)} frames are in one of them only, '
            f'{odd[0]!r} for one; names should agree but for the ending and '
            'a last part like _rgb or _depth')
    return Sources(photos, depths)


def read_intrinsics(source: str, sample_idx: str) -> Intrinsics:
    """Read intrinsics from the command line or from a file.

    Args:
        source (str): 'fx,fy,cx,cy'; a text file with these four numbers or
            a 3 x 3 matrix; a JSON file with one of them under
            ``intrinsics``, ``cam2img`` or ``K``; or a folder with one such
            file a frame.
        sample_idx (str): Of the frame.

    Returns:
        Intrinsics: In pixels.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds something else.
    """
    if source.count(',') == 3:
        numbers = _numbers(source, source)
    else:
        numbers = _read_matrix(source, sample_idx, 'intrinsics')
    if numbers.size == 9:
        matrix = numbers.reshape(3, 3)
        numbers = matrix[[0, 1, 0, 1], [0, 1, 2, 2]]
    if numbers.size != 4 or not np.isfinite(numbers).all() or min(
            numbers[:2]) <= 0:
        raise ValueError(f'{source}: intrinsics should be fx, fy, cx, cy or '
                         f'a 3 x 3 matrix, but got {numbers.tolist()}')
    return Intrinsics(*numbers.tolist())


def read_pose(source: str, sample_idx: str) -> np.ndarray:
    """Read the pose of a camera.

    Convention: camera to world, metres; the world's Z points up and its
    floor is at 0. The world is turned by quarter turns about Z until the
    camera looks along Y.

    Args:
        source (str): A text file with the 4 x 4 matrix, a JSON file with it
            under ``pose`` or ``cam2world``, or a folder with one such file
            a frame.
        sample_idx (str): Of the frame.

    Returns:
        np.ndarray: (4, 4) float64.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds no pose.
    """
    numbers = _read_matrix(source, sample_idx, 'pose')
    if numbers.size != 16:
        raise ValueError(f'{source}: a pose should be 4 x 4 numbers, but got '
                         f'{numbers.size}')
    try:
        return face_forward(numbers.reshape(4, 4))
    except ValueError as error:
        raise ValueError(f'{source}: {error}') from error


def _read_depth(path: Path, photo_size: Sequence[int],
                options: RGBDOptions) -> np.ndarray:
    """Depth in millimetres, at the size of the photo."""
    raw = decode_depth_png(path, read_bytes(path, 'depth image'), None,
                           options.is_rotated)
    ratio = np.divide(photo_size, raw.shape)
    if abs(ratio[0] / ratio[1] - 1) > _ASPECT_SLACK:
        raise ValueError(
            f'{path}: {raw.shape} has another aspect ratio than the photo '
            f'{tuple(photo_size)}; depth and photo should show the same')
    rows, columns = (((np.arange(size) + .5) * have / size).astype(int)
                     for size, have in zip(photo_size, raw.shape))
    depth_mm = np.rint(raw * (1000. / options.depth_scale))
    depth_mm[depth_mm > np.iinfo(np.uint16).max] = 0
    return depth_mm.astype(np.uint16)[np.ix_(rows, columns)]


def _by_name(folder: Path, suffixes: Sequence[str],
             is_depth: bool) -> Dict[str, Path]:
    """Images of a folder by the name of their frame."""
    found: Dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        kind = _KIND.search(path.stem)
        is_other = kind and (kind[1].lower() == 'depth') != is_depth
        if path.suffix.lower() not in suffixes or is_other:
            continue
        name = _frame_name(path)
        if name in found:
            raise ValueError(f'{found[name]} and {path}: two images of one '
                             f'frame {name!r}')
        found[name] = path
    return found


def _frame_name(path: Path) -> str:
    """Name of a frame, from one of its files."""
    return _KIND.sub('', path.stem) or path.stem


def _camera_file(source: str, sample_idx: str) -> Path:
    """File of a frame, where the source may be a folder of them."""
    path = Path(source)
    if path.is_dir():
        choices = [path / f'{sample_idx}{end}' for end in ('.json', '.txt')]
        path = next((p for p in choices if p.is_file()), choices[0])
    return path


def _read_matrix(source: str, sample_idx: str, kind: str) -> np.ndarray:
    """All numbers of a text or JSON file, flat."""
    path = _camera_file(source, sample_idx)
    content = read_bytes(path, f'file of {kind}')
    text = content.decode('utf-8', errors='replace')
    if path.suffix != '.json':
        return _numbers(path, text)
    try:
        values = json.loads(text)
    except ValueError as error:
        raise ValueError(f'{path}: not a JSON file ({error})') from error
    keys: List[str] = [
        key for key in _MATRIX_KEYS[kind]
        if isinstance(values, dict) and key in values
    ]
    if not keys:
        raise ValueError(f'{path}: has none of {_MATRIX_KEYS[kind]}')
    try:
        return np.array(values[keys[0]], dtype=np.float64).ravel()
    except (TypeError, ValueError) as error:
        raise ValueError(f'{path}: {keys[0]!r} holds no numbers') from error


def _numbers(source: object, text: str) -> np.ndarray:
    """Numbers that are separated by commas or white space."""
    try:
        return np.array([float(n) for n in text.replace(',', ' ').split()])
    except ValueError as error:
        raise ValueError(f'{source}: holds something that is no number '
                         f'({error})') from error
