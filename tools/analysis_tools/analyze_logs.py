"""Compare the logs of training runs: ``analyze_logs.py RUN [RUN ...]``.

A RUN is a work dir or one scalars.json in it. A work dir stands for all its
logs, one after the other: a run that was resumed has several, and from where
a later one starts it replaces the earlier ones.

Prints how far each run came, its seconds an iteration, and the last and the
best (the largest) of each validation score; --out draws curves.
"""

import argparse

from cleaners.utils.command_line import ending_in, make_parser, run_tool


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    parser.add_argument(
        'runs', nargs='+', metavar='RUN', help='work dir, or scalars.json'
    )
    parser.add_argument(
        '--keys',
        nargs='+',
        metavar='KEY',
        help='the validation scores to print and the curves to draw '
        '(default: all scores; loss and ssc/mIoU)',
    )
    parser.add_argument(
        '--out',
        type=ending_in('.png', '.pdf', '.svg'),
        metavar='CURVES.png',
        help='draw there, one picture a key: training over the iteration, '
        'validation over the epoch (.png, .pdf or .svg)',
    )
    return parser.parse_args()


def compare(args: argparse.Namespace) -> None:
    """Compare the runs."""
    # here, so that --help answers at once
    from cleaners.analysis.log_report import compare_runs

    compare_runs(args.runs, args.keys, args.out)


if __name__ == '__main__':
    run_tool(parse_args, compare)
