"""Networks with weights that matter, and one frame for each."""
import pytest
import torch
from torch.nn.modules.batchnorm import _BatchNorm

from cleaners.apis.inference import frame_to_batch, init_ssc_model
from cleaners.testing.tiny import make_arrays


@pytest.fixture(scope='session')
def make_net():
    """Build a network; statistics and logits are not those of a start."""

    def make(config):
        torch.manual_seed(0)
        net = init_ssc_model(config)
        for layer in net.modules():
            if isinstance(layer, _BatchNorm):
                layer.running_mean.normal_(0, 0.1)
                layer.running_var.uniform_(0.5, 1.5)
        with torch.no_grad():
            net.decode_head.classifier.weight *= 20
        return net

    return make


@pytest.fixture(scope='session')
def frame_of():
    """Inputs of an exported network, by name, and the logits of torch."""

    def make(net, frame=None):
        frame = frame or make_arrays(0, net.sizes)
        keys = 'img', 'tsdf', 'mapping'
        batch = frame_to_batch(net, *(frame[key] for key in keys))
        inputs = dict(tsdf=batch['tsdf'].numpy())
        if net.backbone is not None:
            inputs.update(img=batch['imgs'].numpy(), mapping=frame['mapping'])
        with torch.no_grad():
            return inputs, net.encode_decode(batch).numpy()

    return make
