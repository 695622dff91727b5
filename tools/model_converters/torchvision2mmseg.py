"""Turn torchvision's resnet50-*.pth into the backbone of cleaners_r50.

The names are mmseg's already, so that a config takes torchvision's file as it
is, too. This checks every tensor, drops the ImageNet classifier, and adds the
counters that files of old versions lack.

A ResNet with a deep stem (conv1 to conv3, as MIT's resnet50-imagenet.pth)
becomes the backbone of sketch3d_r50, under mmseg's names.
"""

import argparse

from cleaners.utils.command_line import parse_converter_files, run_tool


def convert(args: argparse.Namespace) -> None:
    """Convert the ResNet."""
    # here, so that --help answers at once
    from cleaners.model_converters import imagenet

    imagenet.convert_backbone(args.input, args.output, imagenet.from_torchvision)


if __name__ == '__main__':
    run_tool(lambda: parse_converter_files(__doc__), convert)
