"""Turn the SegFormer release's mit_b*.pth into mmseg's naming.

A config takes the result as the pretrained backbone:
``backbone=dict(init_cfg=dict(type='Pretrained', checkpoint='OUT.pth'))``.
"""
import argparse

NUM_HEADS = (1, 2, 5, 8)  # of every size in the release


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

    from cleaners.models.official_weights import backbone_from_segformer
    from cleaners.utils.checkpoint import (read_checkpoint, save_checkpoint,
                                           state_dict_of)
    with naming(args.input):
        released = state_dict_of(read_checkpoint(args.input))
        backbone, dropped = backbone_from_segformer(released,
                                                    build_backbone(released))
    save_checkpoint(backbone, args.output)
    print(f'{args.output}: {len(backbone)} tensors of the encoder; dropped '
          f'the ImageNet classifier ({", ".join(dropped) or "not in it"})')


def build_backbone(released: dict) -> dict:
    """Return the state_dict of a backbone in the sizes of the file."""
    from cleaners.apis.inference import build_network
    from cleaners.models.official_weights import ENCODER, encoder_sizes
    sizes = encoder_sizes({ENCODER + k: v for k, v in released.items()})
    cfg = dict(type='SegFormerMiT', num_heads=NUM_HEADS, **sizes)
    return build_network(cfg).state_dict()


if __name__ == '__main__':
    main()
