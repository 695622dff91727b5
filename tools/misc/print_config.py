"""Print a config as it is used: ``print_config.py CONFIG``.

Bases are joined and --cfg-options applied, as tools/train.py does it; an
option with an unknown key is refused.
"""

import argparse

from cleaners.utils.command_line import (
    add_config_options,
    ending_in,
    make_parser,
    run_tool,
)


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    add_config_options(parser)
    parser.add_argument(
        '--out',
        type=ending_in('.py'),
        metavar='FILE.py',
        help='write it there, too: a config without bases',
    )
    # what tools/train.py takes besides
    parser.set_defaults(launcher='none', work_dir=None)
    return parser.parse_args()


def print_config(args: argparse.Namespace) -> None:
    """Read, print, write."""
    # here, so that --help answers at once
    from cleaners.engine.run_setup import load_config
    from cleaners.utils.atomic_write import write_atomically

    text = load_config(args).pretty_text
    print(text, end='')
    if args.out:
        write_atomically(args.out, text.encode())


if __name__ == '__main__':
    run_tool(parse_args, print_config)
