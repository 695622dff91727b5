"""Make a checkpoint ready to be given away: ``publish_model.py IN OUT.pth``.

Keeps the weights (of a run with EMAHook: the averaged ones) and a small meta
without local paths; leaves out optimizer, schedules and logs. The start of
the file's SHA-256 becomes part of its name: OUT-1a2b3c4d.pth.
"""

import argparse

from cleaners.utils.command_line import add_checkpoint, ending_in, make_parser, run_tool


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    add_checkpoint(parser, 'input', metavar='IN')
    parser.add_argument('output', type=ending_in('.pth'), metavar='OUT.pth')
    return parser.parse_args()


def publish(args: argparse.Namespace) -> None:
    """Publish the checkpoint."""
    # here, so that --help answers at once
    from cleaners.model_converters.publish import publish_model

    publish_model(args.input, args.output)


if __name__ == '__main__':
    run_tool(parse_args, publish)
