"""SynthRooms: procedural rooms in the form of NYU."""

from functools import partial
from pathlib import Path

from cleaners.geometry.voxel_grid import GridView
from cleaners.synth.room_frame import make_room_frame, make_room_view
from .frame_writer import (DatasetLayout, FrameData, convert_split, encode_rgb,
                           keep_settings, write_frame)

_MAX_ROOMS = 9999


def convert_synth(out_dir: Path,
                  num_train: int,
                  num_val: int,
                  seed: int,
                  workers: int = 1) -> bool:
    """Make a data set of synthetic rooms.

    Args:
        out_dir (Path): Folder of the data set.
        num_train (int): Rooms of the split 'train'.
        num_val (int): Rooms of the split 'test'.
        seed (int): Of the data set, at least 0.
        workers (int): Processes. Defaults to 1.

    Returns:
        bool: Whether all rooms were made.

    Raises:
        ValueError: If a number is out of range or ``out_dir`` holds rooms
            of another seed.
    """
    total = num_train + num_val
    if min(num_train, num_val) < 0 or not 0 < total <= _MAX_ROOMS:
        raise ValueError(f'the number of rooms should be in 1..{_MAX_ROOMS}, '
                         f'but got {num_train} and {num_val}')
    if seed < 0:
        raise ValueError(f'seed should be at least 0, but got {seed}')
    layout = DatasetLayout(out_dir, 'synth', 'SynthRooms')
    keep_settings(layout, dict(seed=seed))
    samples = [f'SYN{index:04d}' for index in range(1, total + 1)]
    is_whole = True
    for split, chosen in (('train', samples[:num_train]),
                          ('test', samples[num_train:])):
        convert = partial(convert_room, layout=layout, split=split, seed=seed)
        is_whole &= convert_split(layout, split, chosen, convert, workers)
    return is_whole


def convert_room(sample_idx: str, layout: DatasetLayout, split: str,
                 seed: int) -> GridView:
    """Make one room, unless that was done before.

    Args:
        sample_idx (str): Of the room, such as 'SYN0001'.
        layout (DatasetLayout): Where to.
        split (str): 'train' or 'test'.
        seed (int): Of the data set.

    Returns:
        GridView: Camera and grid.
    """
    index = int(sample_idx[3:])
    if layout.is_finished(split, sample_idx):
        return make_room_view(seed, index)
    room = make_room_frame(seed, index)
    frame = FrameData(room.view, encode_rgb(room.rgb), room.depth_mm,
                      room.cad_depth_mm, room.labels)
    write_frame(layout, split, sample_idx, frame)
    return room.view
