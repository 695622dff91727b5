"""Test a checkpoint: ``python tools/test.py CONFIG CHECKPOINT``."""
import argparse

from cleaners.utils.command_line import add_run_options, run


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Test a checkpoint: prints the table of scores')
    add_run_options(parser)
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
    args = parser.parse_args()
    if args.out and not args.out.endswith(('.json', '.pkl')):
        parser.error('--out should end in .json or .pkl')
    return args


def main() -> None:
    run(test, parse_args())


def test(args: argparse.Namespace) -> None:
    """Build the runner and test."""
    # here, so that --help answers at once
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
