"""What commands wrote, to compare two runs."""

import hashlib

from cleaners.utils.checkpoint import read_checkpoint, state_dict_of


def results_of(out):
    """Digest every file of results below a folder; logs have times in them."""
    found = {}
    for path in sorted(out.rglob('*')):
        name = path.relative_to(out).as_posix()
        if path.suffix == '.pth':
            weights = state_dict_of(read_checkpoint(str(path)))
            content = b''.join(v.numpy().tobytes() for v in weights.values())
        elif path.suffix in ('.npz', '.png', '.jpg', '.ply', '.html', '.pt2'):
            content = path.read_bytes()
        elif path.name.endswith('_infos_train.json'):
            content = path.read_bytes()
        else:
            continue
        found[name] = hashlib.sha256(content).hexdigest()
    return found
