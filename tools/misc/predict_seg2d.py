"""Predict the 2D labels of all photos: ``predict_seg2d.py CONFIG CHECKPOINT``.

No photo is labelled by a network that was trained on it: CHECKPOINT, trained
on all training frames, labels the test frames, and each of --folds the
training frames that were left out of its own training. Labels that are there
already are kept.
"""

import argparse
from pathlib import Path

from cleaners.utils.command_line import (
    add_checkpoint,
    add_json,
    make_parser,
    run_tool,
)


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    parser.add_argument('config', metavar='CONFIG')
    add_checkpoint(parser)
    parser.add_argument(
        '--folds',
        nargs='+',
        required=True,
        metavar='CHECKPOINT',
        help='of pretrain2d_*_fold.py, or their work dirs, one for each fold, in '
        'any order',
    )
    parser.add_argument('--data-root', metavar='DIR', help='folder of the data set')
    parser.add_argument(
        '--out',
        type=Path,
        metavar='DIR',
        help='gets the images (default: Pred2D in the folder of the data set)',
    )
    parser.add_argument('--device', default='cpu')
    add_json(parser)
    return parser.parse_args()


def predict(args: argparse.Namespace) -> None:
    """Predict what is missing."""
    # here, so that --help answers at once
    from cleaners.apis.inference import read_config
    from cleaners.apis.seg2d_prediction import FOLDER, find_networks, predict_seg2d
    from cleaners.engine.data_folders import set_data_root, the_dataset
    from cleaners.utils.atomic_write import write_json

    cfg = read_config(args.config)
    if args.data_root:
        set_data_root(cfg, args.data_root)
    photos = the_dataset(cfg.train_dataloader, '2D labels are predicted of')
    out = args.out or Path(photos['data_root']) / FOLDER
    networks = find_networks(args.checkpoint, args.folds)
    count = predict_seg2d(cfg, networks, out, args.device)
    print(f'{out}: {count} photos were labelled')
    if args.json:
        write_json(args.json, dict(photos=count, **networks.describe()))


if __name__ == '__main__':
    run_tool(parse_args, predict, 'labels are kept, run the same command again')
