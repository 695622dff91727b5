"""Values of a state_dict, by the authors' names."""

import re

import numpy as np

from .streams import Streams

# what comes before a LayerNorm of the encoder
_BEFORE_A_NORM = re.compile(r'encoder\.(patch_embed|block.*\.(sr|fc2|proj)\.\w+$)')


def fill_tensor(name, shape, seed):
    """The values of an entry, float32 (counters: int64).

    With n nearly normal: kernels and matrices are n over the root of their number
    of inputs (all dimensions but the first), weights of norms 1 + 0.1 n, biases
    and running means 0.1 n, running variances 1 + 0.1 |n|, counters 0.

    Args:
        name (str): In the authors' state_dict.
        shape (Sequence[int]): There.
        seed (int): Of the weights.
    """
    kind = name.split('.')[-1]
    if kind == 'num_batches_tracked':
        return np.zeros(shape, np.int64)
    n = Streams(seed).normal(name, tuple(shape))
    if kind == 'weight' and n.ndim > 1:
        values = n * (1 / np.sqrt(n[0].size))
    else:
        one = {'weight': 1, 'running_var': 1, 'bias': 0, 'running_mean': 0}[kind]
        values = one + 0.1 * (abs(n) if kind == 'running_var' else n)
    return values.astype(np.float32)


def probe_tensor(name, shape, seed):
    """Like :func:`fill_tensor`, for what the encoder's LayerNorms add.

    What comes before a LayerNorm is divided by 64, so that its input has a
    variance of about 1e-4, beside which its epsilon can be seen.
    """
    values = fill_tensor(name, shape, seed)
    return values / np.float32(64) if _BEFORE_A_NORM.match(name) else values
