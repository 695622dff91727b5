"""SynthRooms: procedural rooms in the form of NYU."""

from functools import partial
from pathlib import Path

from ..fileio.depth_file import encode_depth
from ..fileio.image_file import encode_png
from ..synth.room_frame import make_room_frame
from .dataset_layout import DatasetLayout
from .frame_writer import FrameData, ImageFile, write_frame
from .split_converter import Share, convert_splits

_MAX_ROOMS = 9999


def convert_synth(out_dir: Path,
                  num_train: int,
                  num_val: int,
                  seed: int,
                  share: Share = Share()) -> bool:
    """Make a data set of synthetic rooms.

    Args:
        out_dir (Path): Folder of the data set.
        num_train (int): Rooms of the split 'train'.
        num_val (int): Rooms of the split 'test'.
        seed (int): Of the data set, at least 0.
        share (Share): Processes, and the shard. Defaults to one.

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
    samples = [f'SYN{index:04d}' for index in range(1, total + 1)]
    chosen = dict(train=samples[:num_train], test=samples[num_train:])
    jobs = {
        split: (chosen[split],
                partial(convert_room, layout=layout, split=split, seed=seed))
        for split in chosen
    }
    return convert_splits(layout, dict(seed=seed), jobs, share)


def convert_room(sample_idx: str, layout: DatasetLayout, split: str,
                 seed: int) -> dict:
    """Make one room, unless that was done before.

    Args:
        sample_idx (str): Of the room, such as 'SYN0001'.
        layout (DatasetLayout): Where to.
        split (str): 'train' or 'test'.
        seed (int): Of the data set.

    Returns:
        dict: Its record.
    """
    record = layout.read_record(split, sample_idx)
    if record:
        return record
    room = make_room_frame(seed, int(sample_idx[3:]))
    frame = FrameData(room.view, ImageFile(encode_png(room.rgb)),
                      ImageFile(encode_png(encode_depth(room.depth_mm))),
                      room.depth_mm, room.labels, room.cad_depth_mm)
    return write_frame(layout, split, sample_idx, frame)
