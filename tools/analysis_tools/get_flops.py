"""Count parameters and FLOPs of a frame: ``get_flops.py CONFIG``.

A distillation's config stands for its student. The FLOPs are those of one
forward pass, 2D logits included, at the sizes of the config: two for each
multiplication with its addition, in matrix products, convolutions and
attention, as torch's counter sees them. Views of a test (flip_test) are not
multiplied, and what the code skips or folds still counts.
"""

import argparse

from cleaners.utils.command_line import (
    add_config_options,
    add_json,
    make_parser,
    run_tool,
)


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    add_config_options(parser)
    add_json(parser)
    return parser.parse_args()


def count(args: argparse.Namespace) -> None:
    """Count, print the table, write the numbers."""
    # here, so that --help answers at once
    from cleaners.analysis.benchmarks.settings import read_config
    from cleaners.analysis.flops import count_network, format_result
    from cleaners.utils.atomic_write import write_json

    result = dict(config=args.config, **count_network(read_config(args)))
    print(format_result(result))
    if args.json:
        write_json(args.json, result)


if __name__ == '__main__':
    run_tool(parse_args, count)
