"""What distillation gains: ``tools/experiments/distillation_gain.py COMMAND``.

run trains and tests teachers, baselines and students of small networks, and
goes on where it was cut; status says how far it is; page writes the tables
and figures.
"""

import argparse
from pathlib import Path

from cleaners.utils.command_line import at_least, make_parser, run_tool

_LEAGUES = ('photo', 'depth')


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    commands = parser.add_subparsers(title='commands', metavar='COMMAND', required=True)
    run = commands.add_parser('run', help='train and test what is not done')
    status = commands.add_parser('status', help='say how far it is')
    page = commands.add_parser('page', help='write the page')
    for command, work in ((run, _run), (status, _status), (page, _page)):
        command.add_argument(
            '--work-dir',
            type=Path,
            required=True,
            metavar='DIR',
            help='folder of the experiment',
        )
        command.set_defaults(work=work)
    _add_settings(run)
    run.add_argument(
        '--jobs',
        type=at_least(1),
        default=2,
        metavar='N',
        help='trainings at a time, each with its part of the cores (default: 2)',
    )
    page.add_argument(
        '--out',
        type=Path,
        required=True,
        metavar='FILE.md',
        help='the page; its figures go to a folder beside it',
    )
    page.add_argument(
        '--notes',
        type=Path,
        metavar='FILE.md',
        help='text that the page shall hold besides',
    )
    return parser.parse_args()


def _add_settings(run: argparse.ArgumentParser) -> None:
    """Add what is trained; a later run has to say the same, or nothing."""
    run.add_argument('--data-root', metavar='DIR', help='folder of the data set')
    run.add_argument(
        '--twin',
        metavar='DIR',
        help='its clean twin (default: the one beside the data set, else it '
        'is made in the work dir)',
    )
    run.add_argument('--leagues', nargs='+', choices=_LEAGUES, help='default: all')
    run.add_argument('--epochs', type=at_least(1), help='of a network (default: 20)')
    run.add_argument(
        '--pretrain-epochs', type=at_least(1), help='of the 2DNet (default: 6)'
    )
    run.add_argument(
        '--seeds',
        type=int,
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


def _run(args: argparse.Namespace) -> None:
    from cleaners.experiments.gain_plan import open_plan
    from cleaners.experiments.stages import run_stages

    run_stages(open_plan(args.work_dir, vars(args)).stages(), args.jobs)


def _status(args: argparse.Namespace) -> None:
    from cleaners.experiments.gain_plan import open_plan
    from cleaners.experiments.stages import describe_stages

    print(describe_stages(open_plan(args.work_dir).stages()))


def _page(args: argparse.Namespace) -> None:
    from cleaners.experiments.gain_page import write_page
    from cleaners.experiments.gain_plan import open_plan

    write_page(open_plan(args.work_dir), args.out, args.notes)


if __name__ == '__main__':
    run_tool(
        parse_args,
        lambda args: args.work(args),
        'what is done is kept, run the same command again',
    )
