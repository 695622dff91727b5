"""Turn a checkpoint of the authors' code into ours, or back (--reverse)."""
import argparse
from pathlib import Path

from cleaners.utils.command_line import (add_converter_files, make_parser,
                                         run_tool)

DEFAULT_CONFIG = (
    Path(__file__).resolve().parents[2] / 'configs/cleaners_b2_baseline.py')


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    add_converter_files(parser)
    parser.add_argument(
        '--config',
        help='config that the weights must fit exactly (default: '
        'configs/cleaners_b2_baseline.py in the sizes of the weights)')
    parser.add_argument(
        '--reverse',
        action='store_true',
        help="from ours to the authors'; what their network owns but never "
        'uses is written as zeros')
    parser.add_argument(
        '--original',
        metavar='ORIGINAL.pth',
        help="with --reverse: the authors' checkpoint whose never-used "
        'tensors are kept')
    args = parser.parse_args()
    if args.original and not args.reverse:
        parser.error('--original needs --reverse')
    return args


def convert(args: argparse.Namespace) -> None:
    """Convert the checkpoint."""
    # here, so that --help answers at once
    from cleaners.model_converters import official
    config = official.NetworkConfig(
        args.config or str(DEFAULT_CONFIG), is_resized=args.config is None)
    files = args.input, args.output, config
    if args.reverse:
        official.convert_to_official(*files, args.original)
    else:
        official.convert_from_official(*files)


if __name__ == '__main__':
    run_tool(parse_args, convert)
