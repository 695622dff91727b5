"""What a second view of a room adds: ``tools/experiments/fusion_gain.py MODEL``.

Rooms of SynthRooms that are not trained on are completed from one camera and
from two; the voxels of the first one are scored.
"""

import argparse

from cleaners.utils.command_line import NetworkAction, at_least, make_parser, run_tool


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    parser.add_argument(
        'model',
        nargs='+',
        action=NetworkAction,
        metavar='MODEL',
        help='name of a network that comes with the package, or a config '
        'and a checkpoint',
    )
    parser.add_argument('--rooms', type=at_least(1), default=10, help='(default: 10)')
    parser.add_argument(
        '--seed', type=at_least(0), default=0, help='of the rooms (default: 0)'
    )
    return parser.parse_args()


def compare(args: argparse.Namespace) -> None:
    """Print the scores of every room, and their mean."""
    # here, so that --help answers at once
    from cleaners.apis import SSCInferencer
    from cleaners.experiments.fusion_gain import fusion_gain, mean_score

    scores = fusion_gain(SSCInferencer(*args.model), args.rooms, args.seed)
    scores['mean'] = mean_score(list(scores.values()))
    print('SC IoU, %   one view  two views')
    for name, score in scores.items():
        print(f'{name:10} {score.one:9.1f} {score.two:10.1f}')


if __name__ == '__main__':
    run_tool(parse_args, compare)
