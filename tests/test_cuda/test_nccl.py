"""One process of a distributed run on a GPU: NCCL, SyncBN, wrapped model.

Statistics are synchronised from two processes on, which need two GPUs.
"""

import copy

import pytest
import torch
import torch.distributed as dist
from mmengine.model import MMDistributedDataParallel, convert_sync_batchnorm

from cleaners.apis.inference import build_network
from cleaners.testing import make_ssc_batch, tiny_ssc_net


@pytest.fixture
def group(device, tmp_path):
    """A group of this process alone."""
    store = dist.FileStore(str(tmp_path / 'store'), 1)
    dist.init_process_group('nccl', store=store, rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def test_alone_it_trains_as_without_a_group(group, device):
    torch.manual_seed(0)
    plain = build_network(tiny_ssc_net()).to(device).train()
    wrapped = convert_sync_batchnorm(copy.deepcopy(plain))
    assert any(isinstance(m, torch.nn.SyncBatchNorm) for m in wrapped.modules())
    wrapped = MMDistributedDataParallel(
        wrapped, device_ids=[0], find_unused_parameters=True
    )
    inputs, samples = make_ssc_batch()
    inputs = {key: value.to(device) for key, value in inputs.items()}
    samples = [sample.to(device) for sample in samples]
    gradients = []
    for model in (plain, wrapped):
        torch.manual_seed(1)  # of dropout and of the head's flips
        losses = model(inputs, samples, mode='loss')
        sum(losses.values()).backward()
        net = getattr(model, 'module', model)
        gradients.append([p.grad for p in net.parameters() if p.grad is not None])
    assert len(gradients[0]) == len(gradients[1]) > 0
    for ours, theirs in zip(*gradients):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)
