"""Turn a checkpoint of the authors' code into ours, or back (--reverse)."""
import argparse
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Optional, Tuple

DEFAULT_CONFIG = (
    Path(__file__).resolve().parents[2] / 'configs/cleaners_b2_baseline.py')


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('input', metavar='IN.pth')
    parser.add_argument('output', metavar='OUT.pth')
    parser.add_argument(
        '--config',
        help='config that the weights must fit exactly (default: '
        'configs/cleaners_b2_baseline.py in the sizes of the weights)')
    parser.add_argument(
        '--reverse',
        action='store_true',
        help="from ours to the authors'; what their network owns but never "
        'uses is written as zeros')
    parser.add_argument(
        '--original',
        metavar='ORIGINAL.pth',
        help="with --reverse: the authors' checkpoint whose never-used "
        'tensors are kept')
    args = parser.parse_args()
    if args.original and not args.reverse:
        parser.error('--original needs --reverse')
    return args


def main() -> None:
    """Convert a file, or say in one line why not."""
    args = parse_args()
    # after the arguments, so that --help answers at once
    from cleaners.utils.errors import report_errors
    with report_errors():
        convert(args)


def convert(args: argparse.Namespace) -> None:
    """Read, convert, write, report."""
    from cleaners.models.official_keys import pair_tensors, unused_shapes
    from cleaners.utils.checkpoint import save_checkpoint
    with naming(args.input):
        result, ours, fate = (to_theirs if args.reverse else to_ours)(args)
    save_checkpoint(result, args.output)
    pairs = pair_tensors(ours)
    unused = unused_shapes(pairs)
    parameters = [n for n in unused if n.endswith(('.weight', '.bias'))]
    print(f'{args.output}: all of {len(pairs)} tensors of ours = '
          f'{sum(len(pair.theirs) for pair in pairs)} of theirs; '
          f'{len(unused)} more ({len(parameters)} parameters) that their '
          f'network owns but never uses are {fate}')


def to_ours(args: argparse.Namespace) -> Tuple[dict, dict, str]:
    """Return our checkpoint, our weights, the never-used tensors' fate."""
    from cleaners.models.official_keys import OFFICIAL_NAMES
    from cleaners.models.official_weights import from_official, unwrap_official
    from cleaners.utils.checkpoint import read_checkpoint
    weights = unwrap_official(read_checkpoint(args.input))
    network = build_network(args.config, weights, OFFICIAL_NAMES)
    ours = from_official(weights, network.state_dict())
    meta = dict(converted_from=Path(args.input).name)
    return dict(meta=meta, state_dict=ours), ours, 'dropped'


def to_theirs(args: argparse.Namespace) -> Tuple[dict, dict, str]:
    """Return their checkpoint, our weights, the never-used tensors' fate."""
    from cleaners.models.official_keys import OUR_NAMES
    from cleaners.models.official_weights import to_official, unwrap_official
    from cleaners.utils.checkpoint import (check_state_dict, read_checkpoint,
                                           state_dict_of)
    weights = state_dict_of(read_checkpoint(args.input))
    network = build_network(args.config, weights, OUR_NAMES)
    check_state_dict(network, weights, args.input)
    if not args.original:
        return dict(model=to_official(weights)), weights, 'written as zeros'
    with naming(args.original):
        original = unwrap_official(read_checkpoint(args.original))
        result = dict(model=to_official(weights, original))
    return result, weights, f"kept from '{args.original}'"


@contextmanager
def naming(path: str) -> Iterator[None]:
    """Name the file in the message of an error about its content."""
    from cleaners.utils.errors import InputError
    try:
        yield
    except InputError as error:
        if str(error).startswith(('checkpoint', 'config')):
            raise
        raise InputError(f"checkpoint '{path}': {error}") from error


def build_network(config: Optional[str], weights: dict, names):
    """Build the network of a config, or the default in the weights' sizes."""
    from cleaners.apis.inference import build_network, read_config, student_cfg
    from cleaners.models.official_weights import resize_model_cfg
    cfg = student_cfg(read_config(config or str(DEFAULT_CONFIG)).model)
    if config is None:
        cfg = resize_model_cfg(cfg, weights, names)
    return build_network(cfg)


if __name__ == '__main__':
    main()
