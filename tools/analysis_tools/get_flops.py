"""Count parameters and FLOPs of a frame: ``get_flops.py CONFIG``.

A distillation's config stands for its student. The FLOPs are those of one
forward pass, 2D logits included, at the sizes of the config: two for each
multiplication with its addition, in matrix products, convolutions and
attention, as torch's counter sees them. Views of a test (flip_test) are not
multiplied, and what the code skips or folds still counts.
"""
import argparse
import json


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help='override settings of the config')
    parser.add_argument(
        '--json', metavar='FILE', help='write the numbers there')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    # after the arguments, so that --help answers at once
    from cleaners.utils.errors import report_errors
    with report_errors():
        run(args)


def run(args: argparse.Namespace) -> None:
    """Count, print the table, write the numbers."""
    from cleaners.analysis.benchmarks.settings import read_config
    from cleaners.utils.atomic_write import write_atomically
    result = dict(config=args.config, **count_network(read_config(args)))
    print(format_result(result))
    if args.json:
        write_atomically(args.json,
                         (json.dumps(result, indent=1) + '\n').encode())


def count_network(cfg) -> dict:
    """Count the network of a config.

    The pass is a real one, on a random frame: which voxels the projection
    fills depends on values, so that a device without them (meta) cannot run
    it.

    Args:
        cfg (Config): With ``model``.

    Returns:
        dict: ``img_size`` (H, W), ``grid_size`` (X, Y, Z); ``parts`` by name
        and their ``total``, each with ``parameters``, ``trainable`` (how
        many of these are trained) and ``gflop``.
    """
    from cleaners.analysis.benchmarks.compute import count_forward
    from cleaners.analysis.benchmarks.frames import frame_sizes, random_inputs
    from cleaners.analysis.benchmarks.inference import STAGES
    from cleaners.apis.inference import init_ssc_model
    sizes = frame_sizes(cfg)
    model = init_ssc_model(cfg)
    gflop = count_forward(model, random_inputs(sizes, 1, 0, 'cpu'), STAGES)
    parts = {name: getattr(model, name) for name in STAGES}
    counts = {
        name: dict(count_parameters(part), gflop=gflop[name])
        for name, part in dict(parts, total=model).items()
    }
    return dict(
        img_size=sizes.img_size,
        grid_size=sizes.grid_size,
        total=counts.pop('total'),
        parts=counts)


def count_parameters(module) -> dict:
    """Count all ``parameters`` of a module, and the ``trainable`` ones."""
    sizes = [(p.numel(), p.requires_grad) for p in module.parameters()]
    return dict(
        parameters=sum(size for size, _ in sizes),
        trainable=sum(size for size, is_trained in sizes if is_trained))


def format_result(result: dict) -> str:
    """Format what :func:`count_network` returns as a table."""
    image, grid = (' x '.join(map(str, result[key]))
                   for key in ('img_size', 'grid_size'))
    lines = [
        f'{result["config"]}: an image of {image}, a grid of {grid}',
        f'{"part":<14}{"parameters":>12}{"trainable":>12}{"GFLOP":>9}'
    ]
    lines += [
        f'{name:<14}{row["parameters"]:>12,}{row["trainable"]:>12,}'
        f'{row["gflop"]:>9.2f}'
        for name, row in dict(result['parts'], total=result['total']).items()
    ]
    return '\n'.join(lines)


if __name__ == '__main__':
    main()
