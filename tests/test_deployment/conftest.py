"""Networks with weights that matter, and one frame for each."""
import numpy as np
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

    def make(net):
        arrays = make_arrays(0, net.sizes)
        img = None
        inputs = dict(tsdf=arrays['tsdf'].reshape(1, 1, *net.grid_size))
        if net.backbone is not None:
            rng = np.random.default_rng(0)
            img = rng.normal(size=(1, 3, *net.img_size)).astype(np.float32)
            inputs.update(img=img, mapping=arrays['mapping'])
            img = img[0]
        batch = frame_to_batch(net, img, arrays['tsdf'], arrays['mapping'])
        with torch.no_grad():
            return inputs, net.encode_decode(batch).numpy()

    return make
