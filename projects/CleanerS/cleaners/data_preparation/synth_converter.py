"""SynthRooms: procedural rooms in the form of NYU.

A room is determined by seed and number. Numbers up to 5000 are for training,
those after it for validation, so that no room ever changes its split.
"""

from functools import partial
from pathlib import Path

from ..fileio.depth_file import encode_depth
from ..fileio.image_file import encode_png
from ..synth.room_frame import make_room_frame
from .dataset_layout import DatasetLayout, make_layout
from .frame_record import FrameInputs
from .frame_writer import FrameData, ImageFile, ensure_frame
from .profile import SKETCH, Profile
from .split_converter import Share, convert_splits

# numbers of the rooms of each split
_NUMBERS = dict(train=range(1, 5001), test=range(5001, 10000))


def convert_synth(
    out_dir: Path,
    num_train: int,
    num_val: int,
    seed: int,
    share: Share = Share(),
    profile: Profile = SKETCH,
) -> bool:
    """Make a data set of synthetic rooms.

    Args:
        out_dir (Path): Folder of the data set.
        num_train (int): Rooms of the split 'train': SYN0001 ...
        num_val (int): Rooms of the split 'test': SYN5001 ...
        seed (int): Of the data set, at least 0.
        share (Share): Processes, and the shard. Defaults to one.
        profile (Profile): Rules of the volumes; the camera is the rooms'
            own. Defaults to those of the 3D-Sketch release.

    Returns:
        bool: Whether all rooms were made.

    Raises:
        ValueError: If a number is out of range or ``out_dir`` holds rooms
            of another seed or profile.
    """
    counts = dict(train=num_train, test=num_val)
    if num_train + num_val == 0 or not all(
        0 <= counts[split] <= len(_NUMBERS[split]) for split in counts
    ):
        limits = ' and '.join(str(len(_NUMBERS[split])) for split in counts)
        raise ValueError(
            'the number of rooms should be at least one, at most '
            f'{limits} for the splits, but got {num_train} and {num_val}'
        )
    if seed < 0:
        raise ValueError(f'seed should be at least 0, but got {seed}')
    layout = make_layout(out_dir, 'synth')
    jobs = {
        split: (
            [f'SYN{number:04d}' for number in _NUMBERS[split][:count]],
            partial(
                convert_room, layout=layout, split=split, seed=seed, profile=profile
            ),
        )
        for split, count in counts.items()
    }
    settings = dict(profile=profile.name, seed=seed)
    return convert_splits(layout, settings, jobs, share)


def convert_room(
    sample_idx: str, layout: DatasetLayout, split: str, seed: int, profile: Profile
) -> dict:
    """Make one room, unless that was done before.

    Args:
        sample_idx (str): Of the room, such as 'SYN0001'.
        layout (DatasetLayout): Where to.
        split (str): 'train' or 'test'.
        seed (int): Of the data set.
        profile (Profile): Rules of the volumes.

    Returns:
        dict: Its record.
    """
    return ensure_frame(
        layout,
        split,
        sample_idx,
        FrameInputs({}, dict(seed=seed)),
        partial(_make_room, seed, int(sample_idx[3:])),
        profile,
    )


def _make_room(seed: int, number: int) -> FrameData:
    """A room as its simulated camera sees it."""
    room = make_room_frame(seed, number)
    return FrameData(
        room.view,
        ImageFile(encode_png(room.rgb)),
        ImageFile(encode_png(encode_depth(room.depth_mm))),
        room.depth_mm,
        room.labels,
        room.cad_depth_mm,
    )
