"""CUDA's TensorFloat32 is off while a frame is completed."""

import pytest
import torch

from cleaners.utils.precision import exact_convolutions


@pytest.mark.parametrize('allowed', [True, False])
def test_what_was_allowed_is_allowed_again(monkeypatch, allowed):
    monkeypatch.setattr(torch.backends.cudnn, 'allow_tf32', allowed)
    with pytest.raises(KeyError):
        with exact_convolutions():
            assert not torch.backends.cudnn.allow_tf32
            raise KeyError
    assert torch.backends.cudnn.allow_tf32 == allowed
