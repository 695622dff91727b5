"""Test a checkpoint: ``python tools/test.py CONFIG CHECKPOINT``.

Prints the table of scores.
"""

import argparse

from cleaners.utils.command_line import (
    add_test_options,
    ending_in,
    make_parser,
    run_tool,
)


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    add_test_options(parser)
    parser.add_argument(
        '--work-dir', help='folder for the log (default: work_dirs/<config>)'
    )
    parser.add_argument(
        '--show-dir',
        metavar='DIR',
        help='draw every frame: DIR/<frame>.png (photo, prediction, ground '
        'truth), DIR/<frame>_pred.ply, DIR/<frame>_gt.ply',
    )
    parser.add_argument(
        '--html',
        action='store_true',
        help='with --show-dir: a page a frame, DIR/<frame>.html, and '
        'DIR/index.html, the worst first',
    )
    parser.add_argument(
        '--out',
        type=ending_in('.json', '.pkl'),
        metavar='FILE',
        help='write the scores (FILE.json) or every prediction (FILE.pkl)',
    )
    args = parser.parse_args()
    if args.html and not args.show_dir:
        parser.error('--html needs --show-dir DIR')
    return args


def test(args: argparse.Namespace) -> None:
    """Build the runner and test."""
    # here, so that --help answers at once
    import mmengine
    from mmengine.dist import is_main_process

    from cleaners.engine import run_setup

    cfg = run_setup.load_test_config(args)
    if args.show_dir:
        run_setup.draw_predictions(cfg, args.show_dir, args.html)
    if args.out and args.out.endswith('.pkl'):
        run_setup.dump_predictions(cfg, args.out)
    scores = run_setup.build_runner(cfg).test()
    if args.out and args.out.endswith('.json') and is_main_process():
        mmengine.dump(scores, args.out, indent=2)


if __name__ == '__main__':
    run_tool(parse_args, test)
