"""Command for the 3D-Sketch release from public repositories: nyu-public."""

import argparse
from pathlib import Path

from .arguments import add_cluster, workers_of


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    command = commands.add_parser(
        'nyu-public', help='NYU as 3D-Sketch released it, from two public repositories'
    )
    command.add_argument(
        '--volumes',
        type=Path,
        required=True,
        metavar='CLONE/data',
        help='folder data of a clone of donghaotian123/CVSformer',
    )
    command.add_argument(
        '--photos',
        type=Path,
        metavar='CLONE/data',
        help='folder data of a clone of markshih91/refinenet_pytorch '
        '(default: no photos)',
    )
    command.add_argument('--out-dir', type=Path, default=Path('data/NYU'))
    add_cluster(command)
    command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> bool:
    """Build the folder; returns whether all frames are right."""
    from ..nyu_public_converter import Clones, convert_nyu_public

    return convert_nyu_public(
        Clones(args.volumes, args.photos, args.out_dir), workers_of(args)
    )
