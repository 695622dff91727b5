"""Command for the clean twin of a data set: tsdf-cad."""

import argparse
from pathlib import Path

from ...utils.command_line import at_least
from .arguments import PROFILES, add_cluster, workers_of


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    command = commands.add_parser(
        'tsdf-cad', help='TSDF-CAD of a data set from its labels and mapping alone'
    )
    command.add_argument(
        'data_root', type=Path, metavar='DATA_ROOT', help='it is only read'
    )
    command.add_argument(
        '--out-dir',
        type=Path,
        metavar='TWIN',
        help='folder of the twin (default: beside the data set, named like it '
        'with _clean)',
    )
    command.add_argument(
        '--root-path',
        type=Path,
        metavar='RAW',
        help='the SSCNet release: its labels of 2 cm are rendered, not those '
        'of the data set',
    )
    command.add_argument(
        '--profile',
        choices=PROFILES,
        help='rules of the TSDF (default: those of the data set)',
    )
    command.add_argument(
        '--pictures',
        type=at_least(0),
        default=4,
        help='frames that are drawn (default: 4)',
    )
    add_cluster(command)
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> bool:
    """Make the twin; returns whether all frames were made."""
    from ..tsdf_cad_converter import convert_tsdf_cad

    return convert_tsdf_cad(
        args.data_root,
        args.out_dir,
        args.profile,
        args.root_path,
        workers_of(args),
        args.pictures,
    )
