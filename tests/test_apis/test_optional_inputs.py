"""Networks that see less than a photo and a TSDF."""

import numpy as np
import pytest
import torch

from cleaners import register_modules  # noqa: F401
from cleaners.apis import ssc_losses
from cleaners.apis.inference import build_network, inference_ssc
from cleaners.testing import tiny_ssc_net
from cleaners.testing.tiny import IMG_SIZE, make_arrays
from cleaners.utils.errors import InputError

DEPTH = dict(backbone=None, head_2d=None, voxel_neck=None)
SEG2D = dict(
    backbone=dict(type='LabelEmbedding', num_labels=5),
    backbone_input='seg2d',
    head_2d=None,
    freeze_backbone=False,
)


@pytest.fixture
def frame():
    return make_arrays(0)


def build(**kwargs):
    return build_network(tiny_ssc_net(**kwargs)).eval()


def test_a_network_of_the_tsdf_needs_no_photo(frame):
    model = build(**DEPTH)
    sample = inference_ssc(model, None, frame['tsdf'], return_feats=True)
    assert sample.pred_voxel_seg.label.shape == model.grid_size
    assert set(sample.feats) == {'tsdf_feat'}
    # what it does not see does not matter
    again = inference_ssc(model, frame['img'], frame['tsdf'], frame['mapping'])
    assert (again.pred_voxel_seg.logits == sample.pred_voxel_seg.logits).all()
    # the same branch and head as those of a network with a photo
    whole = build()
    whole.load_state_dict(model.state_dict(), strict=False)
    feats = dict(tsdf_feat=sample.feats['tsdf_feat'][None])
    feats['voxel_feat'] = torch.zeros_like(feats['tsdf_feat'])
    with torch.no_grad():
        logits = whole.decode(feats)[0]
    torch.testing.assert_close(logits, sample.pred_voxel_seg.logits, rtol=0, atol=1e-6)


def test_a_network_of_a_segmentation(frame):
    model = build(**SEG2D)
    rng = np.random.default_rng(0)
    seg2d = rng.integers(0, 5, IMG_SIZE)
    sample = inference_ssc(
        model, None, frame['tsdf'], frame['mapping'], True, seg2d=seg2d
    )
    assert set(sample.feats) == {'feat_2d', 'voxel_feat', 'tsdf_feat'}
    # the votes of 4 x 4 pixels, embedded
    votes = (
        np.stack([(seg2d == i) for i in range(5)]).reshape(5, 8, 4, 16, 4).mean((2, 4))
    )
    weight = model.backbone.embed.conv.weight.detach()[:, :, 0, 0].numpy()
    norm = model.backbone.embed.bn
    expected = np.einsum('dc,chw->dhw', weight, votes) / np.sqrt(1 + norm.eps)
    np.testing.assert_allclose(
        sample.feats['feat_2d'].numpy(), expected.clip(0), atol=1e-5
    )


@pytest.mark.parametrize(
    'net, inputs, message',
    [
        (dict(), dict(img=None), 'needs a photo'),
        (dict(), dict(mapping=None), 'needs a mapping'),
        (SEG2D, dict(), 'needs a 2D segmentation'),
        (SEG2D, dict(seg2d=np.zeros((2, 3), int)), r'should be \(32, 64\) pixels'),
        (SEG2D, dict(seg2d=np.full(IMG_SIZE, 5)), 'should lie in 0..4'),
    ],
)
def test_what_is_missing_is_told(frame, net, inputs, message):
    given = dict(img=frame['img'], tsdf=frame['tsdf'], mapping=frame['mapping'])
    with pytest.raises(InputError, match=message):
        inference_ssc(build(**net), **dict(given, **inputs))


@pytest.mark.parametrize(
    'net, message',
    [
        (dict(backbone=None, head_2d=None), 'backbone and voxel_neck belong'),
        (dict(backbone=None, voxel_neck=None), 'head_2d needs a backbone'),
        (dict(DEPTH, tsdf_encoder=None), 'needs a backbone, a tsdf_encoder or'),
        (dict(DEPTH, pretrained_2d='x.pth'), 'pretrained_2d needs a backbone'),
    ],
)
def test_parts_that_make_no_network(net, message):
    with pytest.raises(InputError, match=message):
        build(**net)


@pytest.mark.parametrize(
    'net, read', [(DEPTH, ()), (SEG2D, ('seg2d', 'mapping'))], ids=['depth', 'seg2d']
)
def test_losses_want_what_the_network_sees(frame, net, read):
    frame['seg2d'] = frame['img'][..., 0] % 5
    keys = ('tsdf', 'label', 'label_weight', *read)
    losses = ssc_losses(build(**net), {key: [frame[key]] for key in keys})
    assert losses['loss_ssc'].isfinite()
    for key in keys:
        with pytest.raises(InputError, match=f'lacks {key!r}'):
            ssc_losses(
                build(**net), {name: [frame[name]] for name in keys if name != key}
            )
