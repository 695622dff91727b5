"""Command for own frames: rgbd."""

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from ...utils.errors import InputError
from .arguments import add_profile, add_share, profile_of, share_of
from .camera_arguments import add_camera, camera_of

if TYPE_CHECKING:
    from ..rgbd_ssc_converter import OwnLabels


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    rgbd = commands.add_parser(
        'rgbd', help='frames of any RGB-D camera (docs/own_rgbd.md)'
    )
    rgbd.add_argument(
        '--rgb', type=Path, required=True, help='photo, or folder of photos'
    )
    rgbd.add_argument(
        '--depth',
        type=Path,
        required=True,
        help='depth image aligned with the photo (.png of 16 bit, .npy, '
        '.tiff, .exr), or folder of them',
    )
    add_camera(rgbd)
    rgbd.add_argument(
        '--labels',
        type=Path,
        metavar='L',
        help="voxel labels in the frame's grid (.npy, .npz), or folder of "
        'them; needs --pose (default: no ground truth)',
    )
    rgbd.add_argument(
        '--classes',
        metavar='C',
        help="names of the labels, 'empty,floor,...' or a text file, one a "
        'line, the empty class first (default: the 12 of NYU)',
    )
    rgbd.add_argument(
        '--split',
        choices=['train', 'test'],
        help='where labelled frames go (default: test)',
    )
    rgbd.add_argument('--out-dir', type=Path, default=Path('data/RGBD'))
    add_profile(rgbd)
    add_share(rgbd)
    rgbd.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> bool:
    """Prepare own frames; returns whether all were prepared."""
    from ..rgbd_ssc_converter import convert_rgbd

    labels = _labels_of(args)
    is_whole = convert_rgbd(
        args.rgb,
        args.depth,
        args.out_dir,
        camera_of(args, profile_of(args)),
        share_of(args),
        labels,
    )
    _print_next(args.out_dir, labels.split if labels else 'test')
    return is_whole


def _print_next(out_dir: Path, split: str) -> None:
    """Say what the frames can be used for, where there are any."""
    from ..dataset_layout import make_layout

    layout = make_layout(out_dir, 'rgbd')
    if not any(listed == split for listed, _ in layout.listed_frames()):
        return
    data = ['--data-root', str(out_dir), '--cfg-options']
    files = {
        f'{loader}_dataloader.dataset.ann_file': layout.annotation_file(name).name
        for loader, name in (('train', 'train'), ('val', 'test'), ('test', 'test'))
    }
    options = [f'{key}={name}' for key, name in files.items()]
    if split == 'train':
        train = ['python', 'tools/train.py', 'CONFIG', *data, *options]
        print(f'train, once there are frames of --split test, too: {shlex.join(train)}')
    else:
        test = ['python', 'tools/test.py', 'CONFIG', 'CHECKPOINT', '--show-dir', 'DIR']
        print(f'predict with: {shlex.join([*test, *data, options[-1]])}')


def _labels_of(args: argparse.Namespace) -> 'Optional[OwnLabels]':
    """Ground truth that is given, if any."""
    from ..label_classes import read_classes
    from ..rgbd_ssc_converter import OwnLabels

    if args.labels is None:
        for name in ('classes', 'split'):
            if getattr(args, name) is not None:
                raise InputError(
                    f'--{name} is of labelled frames; give '
                    '--labels, too, or leave it out'
                )
        return None
    return OwnLabels(
        args.labels, read_classes(args.classes or ''), args.split or 'test'
    )
