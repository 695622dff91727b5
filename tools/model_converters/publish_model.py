"""Make a checkpoint ready to be given away: ``publish_model.py IN OUT.pth``.

Keeps the weights (of a run with EMAHook: the averaged ones) and a small meta
without local paths; leaves out optimizer, schedules and logs. The start of
the file's SHA-256 becomes part of its name: OUT-1a2b3c4d.pth.
"""
import argparse
import os.path as osp
import re
from pathlib import Path

# what a reader of the weights may ask for
META_KEYS = ('epoch', 'iter', 'seed', 'cfg', 'dataset_meta', 'teacher',
             'converted_from', 'mmengine_version')
# a string in the text of a config: its quote, and what is inside
STRING = re.compile(r"""(['"])((?:\\.|(?!\1)[^\\\n])*)\1""")
MIB = 1 << 20


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        'input',
        metavar='IN',
        help='checkpoint, or the work dir of a training run, which stands '
        'for its best checkpoint')
    parser.add_argument('output', metavar='OUT.pth')
    args = parser.parse_args()
    if Path(args.output).suffix != '.pth':
        parser.error(f'OUT should end in .pth, but got {args.output}')
    return args


def main() -> None:
    """Publish a file, or say in one line why not."""
    args = parse_args()
    # after the arguments, so that --help answers at once
    from cleaners.utils.errors import report_errors
    with report_errors():
        publish(args)


def publish(args: argparse.Namespace) -> None:
    """Read, leave out, write, report."""
    from official2cleaners import naming

    from cleaners.utils.checkpoint import (find_best_checkpoint,
                                           read_checkpoint,
                                           save_hashed_checkpoint)
    source = find_best_checkpoint(args.input)
    checkpoint = read_checkpoint(source)
    with naming(source):
        weights = weights_of(checkpoint)
    meta = small_meta(checkpoint.get('meta', {}))
    path = save_hashed_checkpoint(
        dict(meta=meta, state_dict=weights), args.output)
    before, after = (osp.getsize(name) / MIB for name in (source, path))
    print(f'{path}: {after:.1f} MiB, {len(weights)} tensors and '
          f'{", ".join(meta) or "no meta"}\n{source}: {before:.1f} MiB')


def weights_of(checkpoint) -> dict:
    """Return the weights of a checkpoint, each tensor on its own.

    EMAHook keeps the averaged weights under 'state_dict' and those that were
    trained under 'ema_state_dict', despite its name.

    Args:
        checkpoint (object): What a file holds.

    Returns:
        dict[str, Tensor]: Without memory that a tensor shares with others.

    Raises:
        InputError: If there are no weights in it.
    """
    import torch

    from cleaners.utils.checkpoint import state_dict_of
    from cleaners.utils.errors import InputError
    nested = isinstance(checkpoint, dict) and checkpoint.get(
        'state_dict', checkpoint)
    if not nested or not isinstance(nested, dict):
        raise InputError('it holds no state_dict; publish what tools/train.py '
                         'or a converter wrote')
    for name, value in nested.items():
        if not isinstance(value, torch.Tensor):
            raise InputError(f"'{name}' is no tensor; a checkpoint of the "
                             "authors' code is converted first, by "
                             'official2cleaners.py')
    return {
        name: value.clone(memory_format=torch.contiguous_format)
        for name, value in state_dict_of(checkpoint).items()
    }


def small_meta(meta: dict) -> dict:
    """Return what a reader needs of a checkpoint's meta.

    Args:
        meta (dict): As mmengine and :obj:`TeacherHook` fill it.

    Returns:
        dict: The keys of META_KEYS that are there. Of an absolute path its
        last part is kept, in the text of the config, too.
    """
    kept = {key: meta[key] for key in META_KEYS if key in meta}
    if isinstance(kept.get('cfg'), str):
        kept['cfg'] = STRING.sub(
            lambda match: match[1] + last_part(match[2]) + match[1],
            kept['cfg'])
    return without_local_paths(kept)


def without_local_paths(value):
    """Return a value with the last part of every absolute path in it."""
    if isinstance(value, dict):
        return {key: without_local_paths(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(without_local_paths(item) for item in value)
    return last_part(value) if isinstance(value, str) else value


def last_part(text: str) -> str:
    """Return the last part of an absolute path; another text as it is."""
    if not osp.isabs(text):
        return text
    return osp.basename(text.rstrip('/')) or text


if __name__ == '__main__':
    main()
