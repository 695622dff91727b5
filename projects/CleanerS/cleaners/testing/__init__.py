"""Small networks, batches and data sets for tests and benchmarks."""

from .tiny import (
    make_ssc_batch,
    tiny_distiller,
    tiny_runner_cfg,
    tiny_ssc_net,
    write_tiny_dataset,
)

__all__ = [
    'make_ssc_batch',
    'tiny_distiller',
    'tiny_runner_cfg',
    'tiny_ssc_net',
    'write_tiny_dataset',
]
