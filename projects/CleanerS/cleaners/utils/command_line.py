"""The one skeleton of the tools: options, how they start, how they end.

A tool parses its command line and calls the package::

    if __name__ == '__main__':
        run_tool(parse_args, work)

Imports nothing heavy, so that --help and errors in the arguments come at
once; the tools import what works inside ``work``.
"""

import argparse
import math
import os
import re
import sys
from collections.abc import Sequence
from typing import Any, Callable, Optional

from .errors import report_errors

# as a shell does
_INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """A parser that does not take -1.2e-02 for an option."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # there is no public way
        self._negative_number_matcher = re.compile(
            r'-(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$', re.IGNORECASE
        )


def make_parser(doc: str) -> argparse.ArgumentParser:
    """Return a parser whose --help starts with the docstring of a tool."""
    return _Parser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def run_tool(
    parse_args: Callable[[], argparse.Namespace],
    work: Callable[[argparse.Namespace], None],
    on_interrupt: str = '',
) -> None:
    """Do what a tool does; an error that a user can mend is one line.

    Args:
        parse_args (Callable): Gives the command line.
        work (Callable): Does what it says.
        on_interrupt (str): What becomes of the work after Ctrl-C. Defaults
            to '': nothing is said.
    """
    args = parse_args()
    if 'local_rank' in args:
        os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    try:
        with report_errors():
            work(args)
    except KeyboardInterrupt:
        print('; '.join(filter(None, ['interrupted', on_interrupt])), file=sys.stderr)
        sys.exit(_INTERRUPTED)


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every tool that builds a runner."""
    add_config_options(parser)
    parser.add_argument(
        '--data-root',
        metavar='DIR',
        help="folder of the data set, in place of the config's",
    )
    parser.add_argument(
        '--twin',
        metavar='DIR',
        help='folder of its clean twin, which teachers read (default: beside '
        'the data set, named like it with _clean)',
    )
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='how several processes are started (default: none)',
    )
    # torchrun and torch.distributed.launch pass this
    parser.add_argument(
        '--local_rank', '--local-rank', type=int, default=0, help=argparse.SUPPRESS
    )


def add_test_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every tool that tests a checkpoint."""
    add_run_options(parser)
    add_checkpoint(parser)


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """Add the config, and the options that change it."""
    parser.add_argument('config', help='config file')
    add_cfg_options(parser)


def add_cfg_options(parser: argparse._ActionsContainer) -> None:
    """Add the options that change the config."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help='override settings of the config, e.g. optim_wrapper.optimizer.lr=5e-4',
    )


def add_checkpoint(
    parser: argparse.ArgumentParser,
    name: str = 'checkpoint',
    metavar: str = 'CHECKPOINT',
) -> None:
    """Add a checkpoint that is read."""
    parser.add_argument(
        name,
        metavar=metavar,
        help='checkpoint, or the work dir of a training run, which stands '
        'for its best checkpoint',
    )


class NetworkAction(argparse.Action):
    """Take a name, or a config and a checkpoint; nothing with random weights."""

    def __call__(  # type: ignore[override]  # by nargs there are always values
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Sequence[str],
        option_string: Optional[str] = None,
    ) -> None:
        """Check the words, and keep them."""
        what = option_string or self.metavar
        if len(values) > 2:
            parser.error(f'{what} takes NAME, or CONFIG CHECKPOINT')
        if len(values) == 1 and values[0].endswith('.py'):
            parser.error(
                f"{what} '{values[0]}' is a config, which has no weights: "
                f'{" ".join(filter(None, [option_string, values[0]]))} CHECKPOINT, '
                'or the name of a network that comes with the package'
            )
        setattr(namespace, self.dest, values)


def add_network(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the network that completes frames, and where it runs.

    Args:
        parser (argparse.ArgumentParser): Gets ``model``, a list of one or
            two, or of none where nothing is said, and ``device``.
        default (str): Which network that is, for --help.
    """
    parser.add_argument(
        '--model',
        nargs='+',
        action=NetworkAction,
        default=[],
        metavar=('NAME|CONFIG', 'CHECKPOINT'),
        help='a network that comes with the package, by name, or a config '
        f'and a checkpoint (default: {default})',
    )
    parser.add_argument('--device', default='cpu')


def add_converter_files(parser: argparse.ArgumentParser) -> None:
    """Add the files of a converter of checkpoints."""
    parser.add_argument('input', metavar='IN.pth')
    parser.add_argument('output', metavar='OUT.pth')


def parse_converter_files(doc: str) -> argparse.Namespace:
    """Parse the command line of a converter that has no options.

    Args:
        doc (str): Of the tool.
    """
    parser = make_parser(doc)
    add_converter_files(parser)
    return parser.parse_args()


def parse_official_files(doc: str, config: str) -> argparse.Namespace:
    """Parse the command line of a converter for a method's authors' code.

    Args:
        doc (str): Of the tool.
        config (str): The default config.
    """
    parser = make_parser(doc)
    add_converter_files(parser)
    parser.add_argument(
        '--config',
        help=f'config that the weights must fit exactly (default: {config} in '
        'the sizes of the weights)',
    )
    parser.add_argument(
        '--reverse',
        action='store_true',
        help="from ours to the authors'; what their network owns but never "
        'uses is written as zeros',
    )
    parser.add_argument(
        '--original',
        metavar='ORIGINAL.pth',
        help="with --reverse: the authors' checkpoint whose never-used "
        'tensors are kept',
    )
    args = parser.parse_args()
    if args.original and not args.reverse:
        parser.error('--original needs --reverse')
    return args


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add the file for the numbers that are printed."""
    parser.add_argument('--json', metavar='FILE', help='write the numbers there')


def at_least(minimum: int) -> Callable[[str], int]:
    """Return a type for argparse: an integer that is not too small.

    Args:
        minimum (int): The least value.
    """

    def integer(text: str) -> int:
        number = int(text)
        if number < minimum:
            raise argparse.ArgumentTypeError(
                f'should be at least {minimum}, got {text}'
            )
        return number

    return integer


def positive(text: str) -> float:
    """Type for argparse: a finite number above 0."""
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f'should be positive and finite, got {text}')
    return number


def ending_in(*endings: str) -> Callable[[str], str]:
    """Return a type for argparse: the name of a file of some format.

    Args:
        *endings (str): What it may end in, such as '.json'.
    """

    def file_name(text: str) -> str:
        if not text.endswith(endings):
            raise argparse.ArgumentTypeError(
                f'should end in {" or ".join(endings)}, but got {text}'
            )
        return text

    return file_name
