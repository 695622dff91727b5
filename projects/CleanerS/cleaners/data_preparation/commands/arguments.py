"""Options that several commands have."""

import argparse
from typing import TYPE_CHECKING

from ...utils.command_line import at_least

if TYPE_CHECKING:
    from ..frame_workers import Workers
    from ..profile import Profile
    from ..split_converter import Share

# as in ..profile, which takes long to import
PROFILES = ('3dsketch', 'adassc')


def add_workers(command: argparse.ArgumentParser) -> None:
    """Add the number of processes."""
    command.add_argument(
        '--workers',
        type=at_least(1),
        default=1,
        help='number of processes (default: 1)',
    )


def add_cluster(command: argparse.ArgumentParser) -> None:
    """Add the number of processes, and another place for them."""
    add_workers(command)
    command.add_argument(
        '--dask',
        default='',
        metavar='ADDRESS',
        help='let the workers of this Dask scheduler do the work, such as '
        'tcp://10.0.0.1:8786 (default: this machine)',
    )


def add_share(command: argparse.ArgumentParser) -> None:
    """Add the number of processes, and the shard."""
    add_cluster(command)
    command.add_argument(
        '--shard',
        type=_parse_shard,
        default=(1, 1),
        metavar='I/N',
        help='make only part I of N (I from 1), on as many machines as you '
        'like; then merge',
    )


def add_profile(command: argparse.ArgumentParser) -> None:
    """Add the rules of the volumes."""
    command.add_argument(
        '--profile',
        choices=PROFILES,
        default='3dsketch',
        help='rules of the volumes: of the release that the field trains and '
        'tests on, or of ADASSC (default: 3dsketch; docs/conventions.md)',
    )


def profile_of(args: argparse.Namespace) -> 'Profile':
    """Rules that the user chose."""
    from ..profile import get_profile

    return get_profile(args.profile)


def share_of(args: argparse.Namespace) -> 'Share':
    """How much of the work this run does."""
    from ..split_converter import Share

    return Share(workers_of(args), *args.shard)


def workers_of(args: argparse.Namespace) -> 'Workers':
    """Who does the work."""
    from ..frame_workers import Workers

    return Workers(args.workers, args.dask)


def _parse_shard(text: str) -> tuple[int, int]:
    """Parse I/N."""
    try:
        index, count = map(int, text.split('/'))
    except ValueError:
        index, count = 0, 0
    if not 1 <= index <= count:
        raise argparse.ArgumentTypeError(f'should be I/N with I in 1..N, got {text!r}')
    return index, count
