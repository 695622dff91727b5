"""Networks at an equal budget: ``tools/experiments/compare_networks.py COMMAND``.

run trains and tests the networks of some configs on the same frames, for the
same epochs and, where they see a photo, from the same 2DNet; a student's
teacher comes before it. It goes on where it was cut; status says how far it
is; page writes the table.
"""

import argparse

from cleaners.experiments.command import Experiment, make_experiment_parser
from cleaners.utils.command_line import at_least, run_tool

_COMPARISON = Experiment(
    'cleaners.experiments.comparison_plan', 'cleaners.experiments.comparison_page'
)


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser, run = make_experiment_parser(__doc__, _COMPARISON)
    run.add_argument(
        '--configs', nargs='+', metavar='CONFIG', help='of the networks; to begin with'
    )
    run.add_argument(
        '--pretrain',
        metavar='CONFIG',
        help='of the 2DNet that networks with a photo start from (default: what '
        'their configs say)',
    )
    run.add_argument(
        '--seeds',
        type=at_least(0),
        nargs='+',
        help='each network is trained with each, teachers with the first (default: 0)',
    )
    return parser.parse_args()


if __name__ == '__main__':
    run_tool(
        parse_args,
        lambda args: args.work(args),
        'what is done is kept, run the same command again',
    )
