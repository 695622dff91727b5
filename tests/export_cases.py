"""Networks with weights that matter, a frame for each, and what reads exports.

A folder's conftest.py imports the fixtures.
"""

import json

import numpy as np
import pytest
import torch
from torch.nn.modules.batchnorm import _BatchNorm

from cleaners.apis.inference import frame_to_batch, init_ssc_model
from cleaners.testing.tiny import NUM_CLASSES, make_arrays

TOLERANCE = 1e-4
REASON = 'pip install -r requirements/export.txt brings it'
FORMATS = dict(onnx='onnx', torch='pt2')
# torch.export takes seconds before it begins
FORMAT_CASES = ['onnx', pytest.param('torch', marks=pytest.mark.long)]
# what an exported network calls the input of a backbone, where it differs
INPUTS = dict(imgs='img')


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
        labels = frame['img'][..., 0] % NUM_CLASSES
        batch = frame_to_batch(net, *(frame[key] for key in keys), seg2d=labels)
        inputs = dict(tsdf=batch['tsdf'].numpy())
        if net.backbone is not None:
            name = net.backbone_input
            inputs[INPUTS.get(name, name)] = batch[name].numpy()
            inputs['mapping'] = frame['mapping']
        with torch.no_grad():
            return inputs, net.encode_decode(batch).numpy()

    return make


def need_packages(format):
    """Skip the test without the packages of a format."""
    if format == 'onnx':
        for name in ('onnx', 'onnxscript', 'onnxruntime'):
            pytest.importorskip(name, reason=REASON)


def run_torch(path, inputs):
    """Run a program of torch.export; the metadata and the logits."""
    extra = dict(cleaners='')
    program = torch.export.load(path, extra_files=extra)
    tensors = {name: torch.from_numpy(inputs[name]) for name in inputs}
    with torch.no_grad():
        return json.loads(extra['cleaners']), program.module()(**tensors).numpy()


def run_onnx(path, inputs):
    """Run an ONNX file on the CPU; the metadata and the logits."""
    onnxruntime = pytest.importorskip('onnxruntime', reason=REASON)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        path, options, providers=['CPUExecutionProvider']
    )
    (logits,) = session.run(['logits'], inputs)
    told = session.get_modelmeta().custom_metadata_map['cleaners']
    return json.loads(told), logits


RUN = dict(onnx=run_onnx, torch=run_torch)


def assert_equal_logits(logits, expected):
    assert logits.shape == expected.shape
    # small ones would be equal whatever happens
    assert np.abs(expected).max() > 1
    assert np.abs(logits - expected).max() < TOLERANCE
    best = np.sort(expected, axis=1)
    tie = best[:, -1] - best[:, -2] < 2 * TOLERANCE
    assert ((logits.argmax(1) == expected.argmax(1)) | tie).all()
