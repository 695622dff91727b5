"""Commands for a data set that is there: verify, merge."""

import argparse
from pathlib import Path

from .arguments import add_workers


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the commands."""
    verify = commands.add_parser('verify', help='check a data set')
    verify.set_defaults(run=_run_verify)
    add_workers(verify)
    merge = commands.add_parser('merge', help='join the shards of a data set')
    merge.set_defaults(run=_run_merge)
    for command in (verify, merge):
        command.add_argument('out_dir', type=Path, metavar='OUT')


def _run_verify(args: argparse.Namespace) -> bool:
    """Check a data set; returns whether nothing is wrong."""
    from ...datasets.prepared import is_prepared
    from ..dataset_check import check_dataset
    from ..dataset_layout import find_layout
    from ..release_check import check_release, is_release
    from ..twin_check import check_clean_twin, is_clean_twin

    if is_clean_twin(args.out_dir):
        return check_clean_twin(args.out_dir, args.workers)
    if is_release(args.out_dir) and not is_prepared(str(args.out_dir)):
        return check_release(args.out_dir, args.workers)
    return check_dataset(find_layout(args.out_dir), args.workers)


def _run_merge(args: argparse.Namespace) -> bool:
    """Join shards; returns whether no frame is broken."""
    from ..dataset_layout import find_layout
    from ..split_converter import merge_shards

    return merge_shards(find_layout(args.out_dir))
