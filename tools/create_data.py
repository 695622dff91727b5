"""Prepare data sets: ``python tools/create_data.py {nyu,synth} ...``."""

import argparse
import sys
from pathlib import Path


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description='Prepare a data set')
    commands = parser.add_subparsers(
        title='data sets', metavar='DATASET', required=True)

    nyu = commands.add_parser('nyu', help='NYU from the SSCNet release')
    nyu.add_argument(
        '--root-path',
        type=Path,
        required=True,
        help='the release: the folder that holds NYUtrain and NYUtest')
    nyu.add_argument('--out-dir', type=Path, default=Path('data/NYU'))
    nyu.add_argument(
        '--splits',
        nargs='+',
        choices=['train', 'test'],
        default=['train', 'test'])
    nyu.add_argument(
        '--calibrated-camera',
        action='store_true',
        help='use the calibrated intrinsics, not those of the published data')
    nyu.add_argument(
        '--rgb-from-depth',
        action='store_true',
        help='draw the depth in place of a missing photo')
    nyu.set_defaults(run=run_nyu)

    synth = commands.add_parser('synth', help='synthetic rooms')
    synth.add_argument('--out-dir', type=Path, default=Path('data/SynthRooms'))
    synth.add_argument('--num-train', type=int, required=True)
    synth.add_argument('--num-val', type=int, required=True)
    synth.add_argument('--seed', type=int, default=0)
    synth.set_defaults(run=run_synth)

    for command in (nyu, synth):
        command.add_argument(
            '--workers', type=int, default=1, help='number of processes')
    return parser.parse_args()


def run_nyu(args: argparse.Namespace) -> bool:
    """Convert NYU; returns whether all frames were converted."""
    # here, so that --help does not wait for it
    from dataset_converters.nyu_ssc_converter import convert_nyu
    return convert_nyu(args.root_path, args.out_dir, args.splits,
                       args.calibrated_camera, args.rgb_from_depth,
                       args.workers)


def run_synth(args: argparse.Namespace) -> bool:
    """Make synthetic rooms; returns whether all were made."""
    from dataset_converters.synth_converter import convert_synth
    return convert_synth(args.out_dir, args.num_train, args.num_val, args.seed,
                         args.workers)


def main() -> int:
    """Run; returns the exit status."""
    args = parse_args()
    try:
        return 0 if args.run(args) else 1
    except (ValueError, FileNotFoundError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1


if __name__ == '__main__':
    sys.exit(main())
