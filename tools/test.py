"""Test a checkpoint: ``python tools/test.py CONFIG CHECKPOINT``."""
import argparse
import os

from train import add_common_options


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Test a checkpoint: prints the table of scores')
    parser.add_argument('config', help='config file')
    parser.add_argument(
        'checkpoint',
        help='checkpoint, or the work dir of a training run, which stands '
        'for its best checkpoint')
    parser.add_argument(
        '--work-dir', help='folder for the log (default: work_dirs/<config>)')
    parser.add_argument(
        '--show-dir',
        metavar='DIR',
        help='draw every frame: DIR/<frame>.png (photo, prediction, ground '
        'truth), DIR/<frame>_pred.ply, DIR/<frame>_gt.ply')
    parser.add_argument(
        '--out',
        metavar='FILE',
        help='write the scores (FILE.json) or every prediction (FILE.pkl)')
    add_common_options(parser)
    args = parser.parse_args()
    if args.out and not args.out.endswith(('.json', '.pkl')):
        parser.error('--out should end in .json or .pkl')
    return args


def main() -> None:
    args = parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    # after the arguments, so that --help answers at once
    from cleaners.utils.errors import report_errors
    with report_errors():
        test(args)


def test(args: argparse.Namespace) -> None:
    """Build the runner and test."""
    import mmengine
    from mmengine.dist import is_main_process

    from cleaners.engine import run_setup
    cfg = run_setup.load_test_config(args)
    if args.show_dir:
        cfg.default_hooks.visualization.update(
            draw=True, out_dir=args.show_dir)
    if args.out and args.out.endswith('.pkl'):
        run_setup.dump_predictions(cfg, args.out)
    scores = run_setup.build_test_runner(cfg).test()
    if args.out and args.out.endswith('.json') and is_main_process():
        mmengine.dump(scores, args.out, indent=2)


if __name__ == '__main__':
    main()
