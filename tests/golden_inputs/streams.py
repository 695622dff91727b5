"""Random numbers by name, which no release of numpy changes.

Numpy keeps the words of a bit generator stable, not what its distributions make
of them. So the distributions here are integer arithmetic and single correctly
rounded operations on those words.
"""

import hashlib
import zlib

import numpy as np

# a sum of four fields of 16 bits: its mean, and the root of its variance
_MEAN = 2 * (2**16 - 1)
_STD = np.sqrt((2.0**32 - 1) / 3)


class Streams:
    """All streams of a seed, each known by its name.

    Args:
        seed (int): Of all of them.
        prefix (str): What the names given to the methods are preceded by.
    """

    def __init__(self, seed, prefix=''):
        self.seed, self.prefix = int(seed), prefix

    def at(self, prefix):
        """The streams whose names go on like this."""
        return Streams(self.seed, self.prefix + prefix)

    def words(self, name, count):
        """The first words (count,) uint64 of a stream."""
        key = zlib.crc32((self.prefix + name).encode())
        generator = np.random.PCG64(np.random.SeedSequence([key, self.seed]))
        return generator.random_raw(int(count))

    def normal(self, name, shape):
        """Nearly normal numbers: mean 0, variance 1, none beyond 3.47."""
        fields = self.words(name, np.prod(shape)).view(np.uint16).reshape(-1, 4)
        return ((fields.sum(axis=1, dtype=np.int64) - _MEAN) / _STD).reshape(shape)

    def uniform(self, name, shape):
        """Numbers of 53 bits in 0 <= x < 1."""
        bits = self.words(name, np.prod(shape)) >> np.uint64(11)
        return np.ldexp(bits.astype(float), -53).reshape(shape)

    def integers(self, name, low, high, shape):
        """Integers in low <= n < high, int64."""
        words = self.words(name, np.prod(shape)) % np.uint64(high - low)
        return low + words.astype(np.int64).reshape(shape)

    def integer(self, name, low, high):
        """One of :meth:`integers`."""
        return int(self.integers(name, low, high, 1)[0])

    def choose(self, name, pool, count):
        """So many different members of a one-dimensional pool, shuffled."""
        order = self.words(name, len(pool)).argsort(kind='stable')
        return pool[order[:count]]


def digest(*arrays):
    """What tells arrays from others: types, shapes and content, 16 hex digits."""
    found = hashlib.sha256()
    for array in arrays:
        kind = f'{array.dtype.kind}{array.dtype.itemsize}{array.shape}'
        found.update(kind.encode())
        found.update(array.astype(array.dtype.newbyteorder('<')).tobytes('C'))
    return found.hexdigest()[:16]
