from typing import Union

import torch

from .errors import InputError


def check_device(device: Union[str, torch.device]) -> torch.device:
    """Refuse a device that this machine, or this torch, does not have.

    Args:
        device (str | torch.device): Such as 'cpu' or 'cuda:0'.

    Returns:
        torch.device: The same.

    Raises:
        InputError: If no tensor can be made there.
    """
    try:
        return torch.empty(0, device=device).device
    # torch without CUDA asserts, others raise
    except (AssertionError, RuntimeError) as error:
        reason = str(error).split('\n', maxsplit=1)[0]
        raise InputError(f"no device '{device}' here ({reason}); 'cpu' is") from error
