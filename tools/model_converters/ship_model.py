"""Put trained weights into the package: ``ship_model.py CONFIG IN NAME``.

They can then be had by name: ``init_ssc_model('NAME')``, ``tools/test.py
CONFIG NAME``, ``teacher_ckpt=NAME``. Matrices and kernels are kept in float16.
"""

import argparse

from cleaners.utils.command_line import add_checkpoint, make_parser, run_tool


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    parser.add_argument('config', metavar='CONFIG')
    add_checkpoint(parser, 'input', metavar='IN')
    parser.add_argument('name', metavar='NAME')
    parser.add_argument(
        '--shared',
        metavar='NAME',
        help='file for the encoder, which networks with the same one share',
    )
    return parser.parse_args()


def ship(args: argparse.Namespace) -> None:
    """Write the weights."""
    # here, so that --help answers at once
    from cleaners.model_converters.ship import ship_model

    ship_model(args.config, args.input, args.name, args.shared)


if __name__ == '__main__':
    run_tool(parse_args, ship)
