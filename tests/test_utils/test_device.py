import pytest
import torch

from cleaners.utils.device import check_device
from cleaners.utils.errors import InputError


def test_devices():
    assert check_device('cpu') == torch.device('cpu')
    # neither a kind of device, nor so many of them
    for device in ('gpu', 'cuda:99'):
        with pytest.raises(InputError, match=f"^no device '{device}' here .*'cpu' is$"):
            check_device(device)
