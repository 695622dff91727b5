"""The command line that experiments share: run, status, page."""

import argparse
import importlib
from pathlib import Path
from typing import Any, NamedTuple

from ..utils.command_line import at_least, ending_in, make_parser
from ..utils.errors import InputError


class Experiment(NamedTuple):
    """What an experiment is made of.

    Attributes:
        plan (str): Module with ``open_plan``; imported when it is needed, so
            that --help answers at once.
        page (str): Module with ``write_page``.
    """

    plan: str
    page: str

    def open_plan(self, *args: Any) -> Any:
        """Open the plan, or begin it."""
        return importlib.import_module(self.plan).open_plan(*args)

    def run(self, args: argparse.Namespace) -> None:
        """Train and test what is not done."""
        from .stages import run_stages

        run_stages(self.open_plan(args.work_dir, vars(args)).stages(), args.jobs)

    def status(self, args: argparse.Namespace) -> None:
        """Say how far it is."""
        from .stages import describe_stages

        print(describe_stages(self.open_plan(args.work_dir).stages()))

    def write_page(self, args: argparse.Namespace) -> None:
        """Write the page.

        Raises:
            InputError: If there is nothing to tell, or the notes are no text.
        """
        plan = self.open_plan(args.work_dir)
        tests = [stage for stage in plan.stages() if stage.name.endswith('/test')]
        if not any(stage.is_done for stage in tests):
            raise InputError(
                'no network is trained and tested yet: run goes on, status says '
                'how far it is'
            )
        page = importlib.import_module(self.page)
        page.write_page(plan, Path(args.out), args.notes)


def make_experiment_parser(
    text: str, experiment: Experiment
) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """Make the parser of an experiment.

    Args:
        text (str): The docstring of the script.
        experiment (Experiment): Does the work: ``args.work(args)``.

    Returns:
        tuple[ArgumentParser, ArgumentParser]: The whole one, and that of the
        command run, which lacks what the experiment asks for.
    """
    parser = make_parser(text)
    commands = parser.add_subparsers(title='commands', metavar='COMMAND', required=True)
    run = commands.add_parser('run', help='train and test what is not done')
    status = commands.add_parser('status', help='say how far it is')
    page = commands.add_parser('page', help='write the page')
    for command, work in (
        (run, experiment.run),
        (status, experiment.status),
        (page, experiment.write_page),
    ):
        command.add_argument(
            '--work-dir',
            type=Path,
            required=True,
            metavar='DIR',
            help='folder of the experiment',
        )
        command.set_defaults(work=work)
    _add_shared(run)
    page.add_argument(
        '--out',
        type=ending_in('.md'),
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
    return parser, run


def _add_shared(run: argparse.ArgumentParser) -> None:
    """Add what every experiment asks for; none of it is needed to go on."""
    run.add_argument(
        '--jobs',
        type=at_least(1),
        default=2,
        metavar='N',
        help='trainings at a time, each with its part of the cores (default: 2)',
    )
    run.add_argument('--data-root', metavar='DIR', help='folder of the data set')
    run.add_argument(
        '--twin',
        metavar='DIR',
        help='its clean twin (default: the one beside the data set, else it '
        'is made in the work dir)',
    )
    run.add_argument('--epochs', type=at_least(1), help='of a network (default: 20)')
    run.add_argument(
        '--pretrain-epochs', type=at_least(1), help='of the 2DNet (default: 6)'
    )
