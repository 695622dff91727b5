"""Train a model: ``python tools/train.py CONFIG`` (see ``--help``)."""
import argparse
import os


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Train a model')
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--work-dir',
        help='folder for logs and checkpoints (default: work_dirs/<config>)')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='go on from CHECKPOINT or, without one, from the latest in the '
        'work dir; starts anew if there is none')
    parser.add_argument(
        '--amp',
        action='store_true',
        help='train with automatic mixed precision (CUDA)')
    add_common_options(parser)
    return parser.parse_args()


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that train.py and test.py share."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help='override settings of the config, e.g. '
        'optim_wrapper.optimizer.lr=5e-4')
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='how several processes are started (default: none)')
    # torchrun and torch.distributed.launch pass this
    parser.add_argument(
        '--local_rank',
        '--local-rank',
        type=int,
        default=0,
        help=argparse.SUPPRESS)


def main() -> None:
    args = parse_args()
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    # after the arguments, so that --help answers at once
    from cleaners.utils.errors import report_errors
    with report_errors():
        train(args)


def train(args: argparse.Namespace) -> None:
    """Build the runner and train."""
    from mmengine.runner import Runner

    from cleaners.engine import run_setup
    cfg = run_setup.load_config(args)
    run_setup.set_resume(cfg, args.resume)
    if args.amp:
        run_setup.enable_amp(cfg)
    run_setup.prepare_cpu_memory(cfg)
    run_setup.set_tf32(cfg)
    run_setup.set_compile(cfg)
    run_setup.set_accumulation(cfg)
    run_setup.prepare_distributed(cfg)
    runner = Runner.from_cfg(cfg)
    run_setup.check_train_frames(runner.train_dataloader)
    runner.train()


if __name__ == '__main__':
    main()
