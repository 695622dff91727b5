"""A training that is interrupted ends as one that is not."""

from typing import Callable

import torch


def check_resume(train: Callable[..., dict]) -> dict:
    """Train two epochs at once, and one by one.

    Args:
        train (Callable): Takes the name of a work dir, the epochs and
            ``resume``; returns the last checkpoint.

    Returns:
        dict: The checkpoint of the training that was not interrupted.
    """
    whole = train('whole', 2)
    train('parts', 1)
    parts = train('parts', 2, resume=True)
    assert parts['meta']['epoch'] == whole['meta']['epoch'] == 2
    assert parts['state_dict'].keys() == whole['state_dict'].keys()
    for key, value in whole['state_dict'].items():
        assert torch.equal(parts['state_dict'][key], value), key
    return whole
