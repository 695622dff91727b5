"""Commands for the SSCNet release: nyu, nyucad."""

import argparse
from pathlib import Path

from .arguments import add_profile, add_share, profile_of, share_of


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the commands."""
    nyu = commands.add_parser(
        'nyu', help='NYU from the SSCNet release, and its clean twin'
    )
    nyu.set_defaults(is_cad=False)
    nyu.add_argument('--out-dir', type=Path, default=Path('data/NYU'))
    cad = commands.add_parser(
        'nyucad', help='NYUCAD: the same frames with clean depth only'
    )
    cad.set_defaults(is_cad=True)
    cad.add_argument('--out-dir', type=Path, default=Path('data/NYUCAD'))
    for command in (nyu, cad):
        command.add_argument(
            '--root-path',
            type=Path,
            required=True,
            help='the release: the folder that holds NYUtrain and NYUtest',
        )
        command.add_argument(
            '--splits', nargs='+', choices=['train', 'test'], default=['train', 'test']
        )
        command.add_argument(
            '--cad-source',
            choices=['auto', 'depth', 'voxels'],
            default='auto',
            help='clean depth from the PNG files of NYUCADtrain and '
            'NYUCADtest, or rendered from the labels (default: auto, depth '
            'where the release has it)',
        )
        command.add_argument(
            '--images',
            choices=['copy', 'symlink', 'hardlink'],
            default='copy',
            help='how photos and depth images come to the data set',
        )
        add_profile(command)
        command.add_argument(
            '--rgb-from-depth',
            action='store_true',
            help='draw the depth in place of a missing photo',
        )
        add_share(command)
        command.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> bool:
    """Convert NYU or NYUCAD; returns whether all frames were converted."""
    # here, so that --help does not wait for it
    from ..nyu_release import NYUOptions
    from ..nyu_ssc_converter import convert_nyu

    cad_source = None if args.cad_source == 'auto' else args.cad_source
    options = NYUOptions(
        args.splits, cad_source, profile_of(args), args.rgb_from_depth, args.images
    )
    return convert_nyu(
        args.root_path, args.out_dir, options, share_of(args), args.is_cad
    )
