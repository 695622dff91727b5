"""Command for synthetic rooms: synth."""

import argparse
from pathlib import Path

from .arguments import add_profile, add_share, profile_of, share_of


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    synth = commands.add_parser('synth', help='synthetic rooms')
    synth.add_argument('--out-dir', type=Path, default=Path('data/SynthRooms'))
    synth.add_argument('--num-train', type=int, required=True)
    synth.add_argument('--num-val', type=int, required=True)
    synth.add_argument('--seed', type=int, default=0)
    add_profile(synth)
    add_share(synth)
    synth.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> bool:
    """Make synthetic rooms; returns whether all were made."""
    from ..synth_converter import convert_synth

    return convert_synth(
        args.out_dir,
        args.num_train,
        args.num_val,
        args.seed,
        share_of(args),
        profile_of(args),
    )
