"""Prepare data sets: ``python tools/create_data.py COMMAND ...``.

nyu, nyucad, rgbd and synth make a data set; verify checks one; merge joins
the shards of one.
"""

import argparse
import shlex
import sys
from pathlib import Path
from typing import Tuple

from cleaners.utils.command_line import at_least, make_parser, run_tool
from cleaners.utils.errors import values_are_input


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    commands = parser.add_subparsers(
        title='commands', metavar='COMMAND', required=True)
    _add_nyu(commands)
    _add_rgbd(commands)
    _add_synth(commands)
    _add_checks(commands)
    return parser.parse_args()


def run_nyu(args: argparse.Namespace) -> bool:
    """Convert NYU or NYUCAD; returns whether all frames were converted."""
    # here, so that --help does not wait for it
    from cleaners.data_preparation.nyu_release import NYUOptions
    from cleaners.data_preparation.nyu_ssc_converter import convert_nyu
    cad_source = None if args.cad_source == 'auto' else args.cad_source
    options = NYUOptions(args.splits, cad_source, args.calibrated_camera,
                         args.rgb_from_depth, args.images)
    return convert_nyu(args.root_path, args.out_dir, options, _share(args),
                       args.is_cad)


def run_rgbd(args: argparse.Namespace) -> bool:
    """Prepare own frames; returns whether all were prepared."""
    from cleaners.data_preparation.rgbd_ssc_converter import (RGBDOptions,
                                                              convert_rgbd)
    options = RGBDOptions(args.intrinsics, args.pose, args.gravity,
                          args.camera_height, args.depth_scale,
                          args.rotated_depth, args.fit, args.force)
    is_whole = convert_rgbd(args.rgb, args.depth, args.out_dir, options,
                            _share(args))
    command = shlex.join([
        'python', 'tools/test.py', 'CONFIG', 'CHECKPOINT', '--show-dir', 'DIR',
        '--data-root',
        str(args.out_dir), '--cfg-options',
        'test_dataloader.dataset.ann_file=rgbd_infos_test.json'
    ])
    print(f'predict with: {command}')
    return is_whole


def run_synth(args: argparse.Namespace) -> bool:
    """Make synthetic rooms; returns whether all were made."""
    from cleaners.data_preparation.synth_converter import convert_synth
    return convert_synth(args.out_dir, args.num_train, args.num_val, args.seed,
                         _share(args))


def run_verify(args: argparse.Namespace) -> bool:
    """Check a data set; returns whether nothing is wrong."""
    from cleaners.data_preparation.dataset_check import check_dataset
    from cleaners.data_preparation.dataset_layout import find_layout
    return check_dataset(find_layout(args.out_dir), args.workers)


def run_merge(args: argparse.Namespace) -> bool:
    """Join shards; returns whether no frame is broken."""
    from cleaners.data_preparation.dataset_layout import find_layout
    from cleaners.data_preparation.split_converter import merge_shards
    return merge_shards(find_layout(args.out_dir))


def prepare(args: argparse.Namespace) -> None:
    """Run a command; where something is wrong with the data, 1 is the status.
    """
    try:
        with values_are_input():
            is_whole = args.run(args)
    except RuntimeError as error:
        if type(error).__name__ != 'TerminatedWorkerError':
            raise
        sys.exit('error: a worker process was killed (out of memory?); '
                 'finished frames are kept, run the same command again with '
                 'fewer --workers')
    sys.exit(0 if is_whole else 1)


def _add_nyu(commands: argparse._SubParsersAction) -> None:
    """Commands for the SSCNet release."""
    nyu = commands.add_parser(
        'nyu', help='NYU from the SSCNet release, and its clean twin')
    nyu.set_defaults(is_cad=False)
    nyu.add_argument('--out-dir', type=Path, default=Path('data/NYU'))
    cad = commands.add_parser(
        'nyucad', help='NYUCAD: the same frames with clean depth only')
    cad.set_defaults(is_cad=True)
    cad.add_argument('--out-dir', type=Path, default=Path('data/NYUCAD'))
    for command in (nyu, cad):
        command.add_argument(
            '--root-path',
            type=Path,
            required=True,
            help='the release: the folder that holds NYUtrain and NYUtest')
        command.add_argument(
            '--splits',
            nargs='+',
            choices=['train', 'test'],
            default=['train', 'test'])
        command.add_argument(
            '--cad-source',
            choices=['auto', 'depth', 'voxels'],
            default='auto',
            help='clean depth from the PNG files of NYUCADtrain and '
            'NYUCADtest, or rendered from the labels (default: auto, depth '
            'where the release has it)')
        command.add_argument(
            '--images',
            choices=['copy', 'symlink', 'hardlink'],
            default='copy',
            help='how photos and depth images come to the data set')
        command.add_argument(
            '--calibrated-camera',
            action='store_true',
            help='use the calibrated intrinsics (of the 3D-Sketch release), '
            'not those that ADASSC published')
        command.add_argument(
            '--rgb-from-depth',
            action='store_true',
            help='draw the depth in place of a missing photo')
        _add_share(command)
        command.set_defaults(run=run_nyu)


def _add_rgbd(commands: argparse._SubParsersAction) -> None:
    """Command for own frames."""
    rgbd = commands.add_parser(
        'rgbd', help='frames of any RGB-D camera (docs/own_rgbd.md)')
    rgbd.add_argument(
        '--rgb', type=Path, required=True, help='photo, or folder of photos')
    rgbd.add_argument(
        '--depth',
        type=Path,
        required=True,
        help='depth image aligned with the photo (.png of 16 bit, .npy, '
        '.tiff, .exr), or folder of them')
    rgbd.add_argument(
        '--intrinsics',
        required=True,
        metavar='K',
        help="in pixels of the photo: 'fx,fy,cx,cy', or a .txt, .json or "
        '.yaml file (numbers, a 3 x 3 or 4 x 4 matrix, Open3D, RealSense, '
        'ROS, OpenCV), or a folder with one file a frame')
    rgbd.add_argument(
        '--pose',
        metavar='P',
        help='camera to world, Z up, floor at 0: a .txt, .json or .yaml '
        'file, or a folder with one file a frame (default: estimated)')
    rgbd.add_argument(
        '--gravity',
        nargs=3,
        type=float,
        metavar=('X', 'Y', 'Z'),
        help='the way things fall, in the camera frame: x right, y down, '
        'z forward (default: estimated)')
    rgbd.add_argument(
        '--camera-height',
        type=float,
        metavar='H',
        help='metres above the floor (default: estimated)')
    rgbd.add_argument(
        '--depth-scale',
        type=float,
        help='depth values to a metre (default: integers are millimetres, '
        'floats metres)')
    rgbd.add_argument(
        '--rotated-depth',
        action='store_true',
        help='the 16 bits are rotated left by three, as in NYU of SSCNet')
    rgbd.add_argument(
        '--fit',
        choices=['pad', 'crop'],
        default='pad',
        help='how another aspect ratio than 4:3 is handled: keep the field '
        'of view and pad, or fill the image and cut (default: pad)')
    rgbd.add_argument(
        '--force',
        action='store_true',
        help='go on where intrinsics or depth seem not to belong to the '
        'photo, or where the frame seems to show no room')
    rgbd.add_argument('--out-dir', type=Path, default=Path('data/RGBD'))
    _add_share(rgbd)
    rgbd.set_defaults(run=run_rgbd)


def _add_synth(commands: argparse._SubParsersAction) -> None:
    """Command for synthetic rooms."""
    synth = commands.add_parser('synth', help='synthetic rooms')
    synth.add_argument('--out-dir', type=Path, default=Path('data/SynthRooms'))
    synth.add_argument('--num-train', type=int, required=True)
    synth.add_argument('--num-val', type=int, required=True)
    synth.add_argument('--seed', type=int, default=0)
    _add_share(synth)
    synth.set_defaults(run=run_synth)


def _add_checks(commands: argparse._SubParsersAction) -> None:
    """Commands for a data set that is there."""
    verify = commands.add_parser('verify', help='check a data set')
    verify.set_defaults(run=run_verify)
    _add_workers(verify)
    merge = commands.add_parser('merge', help='join the shards of a data set')
    merge.set_defaults(run=run_merge)
    for command in (verify, merge):
        command.add_argument('out_dir', type=Path, metavar='OUT')


def _add_workers(command: argparse.ArgumentParser) -> None:
    """Number of processes."""
    command.add_argument(
        '--workers',
        type=at_least(1),
        default=1,
        help='number of processes (default: 1)')


def _add_share(command: argparse.ArgumentParser) -> None:
    """Number of processes, and the shard."""
    _add_workers(command)
    command.add_argument(
        '--shard',
        type=_parse_shard,
        default=(1, 1),
        metavar='I/N',
        help='make only part I of N (I from 1), on as many machines as you '
        'like; then merge')


def _share(args: argparse.Namespace):
    """How much of the work this run does."""
    from cleaners.data_preparation.split_converter import Share
    return Share(args.workers, *args.shard)


def _parse_shard(text: str) -> Tuple[int, int]:
    """Parse I/N."""
    try:
        index, count = map(int, text.split('/'))
    except ValueError:
        index, count = 0, 0
    if not 1 <= index <= count:
        raise argparse.ArgumentTypeError(
            f'should be I/N with I in 1..N, got {text!r}')
    return index, count


if __name__ == '__main__':
    run_tool(parse_args, prepare,
             'finished frames are kept, run the same command again')
