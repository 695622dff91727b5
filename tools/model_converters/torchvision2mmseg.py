"""Turn torchvision's resnet50-*.pth into the backbone of cleaners_r50.

The names are mmseg's already, so that a config takes torchvision's file as it
is, too. This checks every tensor, drops the ImageNet classifier, and adds the
counters that files of old versions lack.
"""
import argparse

# depth of the network by the blocks of its four stages
DEPTHS = {(3, 4, 6, 3): 50, (3, 4, 23, 3): 101, (3, 8, 36, 3): 152}
CLASSIFIER = 'fc.'
COUNTER = 'num_batches_tracked'


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('input', metavar='IN.pth')
    parser.add_argument('output', metavar='OUT.pth')
    return parser.parse_args()


def main() -> None:
    """Convert a file, or say in one line why not."""
    args = parse_args()
    # after the arguments, so that --help answers at once
    from cleaners.utils.errors import report_errors
    with report_errors():
        convert(args)


def convert(args: argparse.Namespace) -> None:
    """Read, convert, write, report."""
    from official2cleaners import naming

    from cleaners.utils.checkpoint import (read_checkpoint, save_checkpoint,
                                           state_dict_of)
    with naming(args.input):
        released = state_dict_of(read_checkpoint(args.input))
        depth, backbone = to_backbone(released)
    save_checkpoint(backbone, args.output)
    dropped = [name for name in released if name.startswith(CLASSIFIER)]
    print(f'{args.output}: {len(backbone)} tensors of ResNet-{depth}; dropped '
          f'the ImageNet classifier ({", ".join(dropped) or "not in it"})')


def to_backbone(released: dict) -> tuple:
    """Check torchvision's weights against the network.

    Args:
        released (dict[str, Tensor]): As torchvision names them.

    Returns:
        tuple[int, dict[str, Tensor]]: Depth, and the backbone's state_dict.

    Raises:
        InputError: If a tensor is missing, left over or of another shape.
    """
    from cleaners.apis.inference import build_network
    from cleaners.models.official_weights import check_names_and_shapes
    depth = find_depth(released)
    like = build_network(
        dict(type='DilatedResNet', depth=depth, out_indices=(3, )))
    backbone = {
        name: value
        for name, value in like.state_dict().items() if name.endswith(COUNTER)
    }
    backbone.update({
        name: value
        for name, value in released.items() if not name.startswith(CLASSIFIER)
    })
    check_names_and_shapes(backbone, {
        name: tuple(value.shape)
        for name, value in like.state_dict().items()
    })
    return depth, backbone


def find_depth(released: dict) -> int:
    """Read the depth from the names of the bottlenecks' last convolutions.

    Raises:
        InputError: If it is no ResNet of bottlenecks.
    """
    from cleaners.utils.errors import InputError
    counts = tuple(
        sum(
            name.startswith(f'layer{stage}.')
            and name.endswith('.conv3.weight') for name in released)
        for stage in range(1, 5))
    if counts not in DEPTHS:
        raise InputError('no ResNet-50, 101 or 152 of torchvision in it: '
                         f'{counts} bottlenecks in its four stages')
    return DEPTHS[counts]


if __name__ == '__main__':
    main()
