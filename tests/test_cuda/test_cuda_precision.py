"""Mixed precision, TF32 and compiled code stay near float32."""

import pytest
import torch
from mmengine.optim import AmpOptimWrapper

from cleaners.apis.inference import build_network
from cleaners.testing import make_ssc_batch, tiny_ssc_net


@pytest.fixture
def net(device):
    """A small network in eval mode on the GPU."""
    torch.manual_seed(0)
    return build_network(tiny_ssc_net()).eval().to(device)


def on_device(device):
    inputs, samples = make_ssc_batch()
    return (
        {key: value.to(device) for key, value in inputs.items()},
        [sample.to(device) for sample in samples],
    )


def logits_of(net, inputs):
    with torch.no_grad():
        return net.decode(net.extract_feat(inputs)).float()


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_a_step_of_mixed_precision(net, device, dtype):
    inputs, samples = on_device(device)
    expected = sum(net.loss(inputs, samples).values()).item()
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3)
    name = str(dtype).replace('torch.', '')
    wrapper = AmpOptimWrapper(optimizer=optimizer, dtype=name, loss_scale='dynamic')
    with wrapper.optim_context(net):
        loss = sum(net.loss(inputs, samples).values())
    assert loss.item() == pytest.approx(expected, rel=0.02)
    wrapper.update_params(loss)
    assert all(p.isfinite().all() for p in net.parameters())


def test_tf32(net, device):
    inputs, _ = on_device(device)
    exact = logits_of(net, inputs)
    switches = torch.backends.cuda.matmul, torch.backends.cudnn
    try:
        for switch in switches:
            switch.allow_tf32 = True
        rounded = logits_of(net, inputs)
    finally:
        for switch in switches:
            switch.allow_tf32 = False
    assert (rounded - exact).abs().max() < 0.02 * exact.std()


@pytest.mark.slow
def test_a_compiled_forward_pass(net, device):
    inputs, samples = on_device(device)
    exact = {key: value.item() for key, value in net.loss(inputs, samples).items()}
    compiled = torch.compile(net.loss)(inputs, samples)
    for key, value in exact.items():
        assert compiled[key].item() == pytest.approx(value, rel=1e-4)
    torch._dynamo.reset()
