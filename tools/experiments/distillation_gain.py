"""What distillation gains: ``tools/experiments/distillation_gain.py COMMAND``.

run trains and tests teachers, baselines and students of small networks, and
goes on where it was cut; status says how far it is; page writes the tables
and figures.
"""

import argparse

from cleaners.experiments.command import Experiment, make_experiment_parser
from cleaners.utils.command_line import at_least, run_tool

_GAIN = Experiment('cleaners.experiments.gain_plan', 'cleaners.experiments.gain_page')
_LEAGUES = ('photo', 'depth')


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser, run = make_experiment_parser(__doc__, _GAIN)
    run.add_argument('--leagues', nargs='+', choices=_LEAGUES, help='default: all')
    run.add_argument(
        '--seeds',
        type=at_least(0),
        nargs='+',
        help='the first trains all models, the others baselines and students '
        'again (default: 0 1 2)',
    )
    run.add_argument(
        '--no-ablations',
        dest='ablations',
        action='store_false',
        default=None,
        help='leave out the students with some of the losses',
    )
    return parser.parse_args()


if __name__ == '__main__':
    run_tool(
        parse_args,
        lambda args: args.work(args),
        'what is done is kept, run the same command again',
    )
