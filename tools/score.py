"""Score predictions of any program: ``python tools/score.py PRED_DIR DATA_ROOT``.

PRED_DIR holds one array of labels a frame, NYU0003.npy or 0003.npz, (60, 36,
60) or flat; every frame of the split once. Prints the tables of each protocol
(docs/evaluation.md).
"""

import argparse
from pathlib import Path

from cleaners.utils.command_line import add_json, make_parser, run_tool


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    parser.add_argument('predictions', type=Path, metavar='PRED_DIR')
    parser.add_argument('data_root', type=Path, metavar='DATA_ROOT')
    parser.add_argument('--split', choices=['train', 'test'], default='test')
    parser.add_argument(
        '--protocols',
        nargs='+',
        default=['3dsketch', 'all'],
        metavar='NAME',
        help='(default: 3dsketch all)',
    )
    add_json(parser)
    return parser.parse_args()


def score(args: argparse.Namespace) -> None:
    """Score, print, write."""
    # here, so that --help answers at once
    from mmengine.logging import MMLogger

    from cleaners.analysis.score_predictions import score_predictions
    from cleaners.evaluation.metrics.ssc_metric import format_scores
    from cleaners.utils.atomic_write import write_json

    # the tables of the metrics are joined below
    MMLogger.get_current_instance().setLevel('WARNING')
    scores = score_predictions(
        args.predictions, args.data_root, args.split, args.protocols
    )
    if args.json:
        write_json(args.json, scores)
    occupied = scores.pop('occupied')
    print(format_scores(scores))
    print(
        f'called occupied: {occupied["occupied/free"]:.1f} % of visible '
        f'free space, {occupied["occupied/ignored"]:.1f} % of the voxels '
        'without a label'
    )


if __name__ == '__main__':
    run_tool(parse_args, score)
