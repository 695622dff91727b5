"""Train a model: ``python tools/train.py CONFIG`` (see ``--help``)."""

import argparse

from cleaners.utils.command_line import add_run_options, make_parser, run_tool


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    add_run_options(parser)
    parser.add_argument(
        '--work-dir',
        help='folder for logs and checkpoints (default: work_dirs/<config>)',
    )
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='go on from CHECKPOINT or, without one, from the latest in the '
        'work dir; starts anew if there is none',
    )
    parser.add_argument(
        '--amp', action='store_true', help='train with automatic mixed precision (CUDA)'
    )
    return parser.parse_args()


def train(args: argparse.Namespace) -> None:
    """Build the runner and train."""
    # here, so that --help answers at once
    from cleaners.engine import run_setup
    from cleaners.engine.effective_batch import check_train_frames

    cfg = run_setup.load_config(args)
    run_setup.set_resume(cfg, args.resume)
    if args.amp:
        run_setup.enable_amp(cfg)
    runner = run_setup.build_runner(cfg)
    # EffectiveBatchHook does it, too, but a schedule by iterations fails
    # before any hook is called
    check_train_frames(runner.train_dataloader)
    runner.train()


if __name__ == '__main__':
    run_tool(parse_args, train, 'checkpoints are kept, --resume goes on')
