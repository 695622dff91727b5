"""Turn the SegFormer release's mit_b*.pth into mmseg's naming.

A config takes the result as the pretrained backbone:
``backbone=dict(init_cfg=dict(type='Pretrained', checkpoint='OUT.pth'))``.
"""

import argparse

from cleaners.utils.command_line import parse_converter_files, run_tool


def convert(args: argparse.Namespace) -> None:
    """Convert the encoder."""
    # here, so that --help answers at once
    from cleaners.model_converters import imagenet

    imagenet.convert_backbone(args.input, args.output, imagenet.from_segformer)


if __name__ == '__main__':
    run_tool(lambda: parse_converter_files(__doc__), convert)
