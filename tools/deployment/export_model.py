"""Export a network: ``export_model.py CONFIG CHECKPOINT --format onnx``.

A distillation's config stands for its student. The file has static shapes and
says of itself what it reads and gives (docs/export.md). ONNX needs the extra
packages of ``pip install -r requirements/export.txt``.
"""

import argparse

from cleaners.utils.command_line import add_checkpoint, make_parser, run_tool

# each format with the ending of its files
FORMATS = dict(onnx='.onnx', torch='.pt2')


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser(__doc__)
    parser.add_argument(
        'config',
        metavar='CONFIG',
        help='config file, or the name of a network that comes with the package',
    )
    add_checkpoint(parser)
    parser.add_argument(
        '--format',
        required=True,
        choices=list(FORMATS),
        help='onnx, or torch for a program of torch.export',
    )
    parser.add_argument(
        '--out',
        required=True,
        metavar='FILE',
        help='where to: FILE.onnx, FILE.pt2 for torch',
    )
    args = parser.parse_args()
    ending = FORMATS[args.format]
    if not args.out.endswith(ending):
        parser.error(f'--format {args.format} writes {ending}, but --out is {args.out}')
    return args


def export(args: argparse.Namespace) -> None:
    """Write the file and say what it reads and gives."""
    # here, so that --help answers at once
    from cleaners.apis import init_ssc_model
    from cleaners.deployment.export import export_network

    net = init_ssc_model(args.config, args.checkpoint)
    told = export_network(net, args.format, args.out)
    print(f'{args.out}:')
    for kind in ('inputs', 'outputs'):
        for name, value in told[kind].items():
            print(f'  {kind[:-1]} {name}: {value["dtype"]} {value["shape"]}')


if __name__ == '__main__':
    run_tool(parse_args, export)
