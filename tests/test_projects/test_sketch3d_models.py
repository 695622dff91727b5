"""Parts of 3D-Sketch alone, and what its network adds to the base's."""

import itertools

import numpy as np
import pytest
import torch
from mmdet3d.registry import MODELS
from tiny_sketch3d import TSDF_ALONE, tiny_sketch_net

from cleaners.apis import inference_ssc
from cleaners.testing import make_ssc_batch, tiny_distiller
from cleaners.testing.tiny import GRID_SIZE, make_arrays
from cleaners.utils.errors import InputError
from sketch3d.models import LatentKLLoss, SketchCVAE
from sketch3d.models.sketch_cvae import draw_latents
from sketch3d.models.sketch_labels import make_sketch

QUARTER = tuple(size // 4 for size in GRID_SIZE)


def slow_sketch(label):
    """The three filters as one loop over the neighbours of every voxel."""
    smooth, box, slope = (1, 2, 1), (1, 1, 1), (1, 0, -1)
    filters = ((smooth, box, slope), (slope, box, smooth), (box, slope, smooth))
    sketch = np.zeros_like(label)
    for voxel in np.ndindex(label.shape):
        answers = [0, 0, 0]
        for step in itertools.product(range(3), repeat=3):
            place = tuple(v + s - 1 for v, s in zip(voxel, step))
            if not all(0 <= p < n for p, n in zip(place, label.shape)):
                continue
            value = 0 if label[place] == 255 else int(label[place])
            for number, taps in enumerate(filters):
                answers[number] += value * np.prod(
                    [line[s] for line, s in zip(taps, step)]
                )
        sketch[voxel] = sum(answer != 0 for answer in answers) >= 2
    return sketch


def test_sketch_equals_the_slow_reference():
    rng = np.random.default_rng(0)
    label = rng.choice([0, 0, 0, 1, 2, 11, 255], (2, 5, 4, 6))
    found = make_sketch(torch.from_numpy(label))
    assert found.dtype == torch.int64
    for frame, sketch in zip(label, found.numpy()):
        assert (sketch == slow_sketch(frame)).all()


def test_sketch_of_a_box_is_its_edges():
    """Faces answer one filter only; the inside and the outside none."""
    label = torch.zeros(9, 9, 9, dtype=torch.uint8)
    label[2:7, 2:7, 2:7] = 5
    sketch = make_sketch(label)
    assert sketch[4, 4, 4] == sketch[0, 0, 0] == 0
    assert sketch[2, 4, 4] == sketch[1, 4, 4] == 0  # a face, both sides
    assert sketch[2, 2, 4] == 1  # an edge
    assert sketch[2, 2, 2] == 1  # a corner


def test_neighbours_can_cancel_out():
    """By class numbers, 1 and 3 weigh as much as 2 and 2."""
    label = torch.zeros(3, 3, 3, dtype=torch.long)
    label[::2, 0, 0] = torch.tensor([1, 3])
    label[::2, 2, 2] = torch.tensor([2, 2])
    assert make_sketch(label)[1, 1, 1] == 0
    label[::2, 2, 2] = torch.tensor([2, 4])
    assert make_sketch(label)[1, 1, 1] == 1


def test_another_label_can_be_ignored():
    label = torch.randint(0, 12, (4, 4, 4))
    renamed = label.masked_fill(label == 3, 255)
    assert torch.equal(make_sketch(label, 3), make_sketch(renamed))


def test_kl_loss_equals_torchs_distributions():
    mean, log_var = torch.randn(2, 2, 3, 4, dtype=torch.double)
    normal = torch.distributions.Normal
    expected = torch.distributions.kl_divergence(
        normal(mean, (log_var / 2).exp()),
        normal(torch.zeros_like(mean), torch.ones_like(mean)),
    ).mean()
    loss = LatentKLLoss(loss_weight=2.0)(mean, log_var)
    torch.testing.assert_close(loss, 2 * expected)


@pytest.fixture
def binary():
    generator = torch.Generator().manual_seed(0)
    return (torch.rand(2, 1, *GRID_SIZE, generator=generator) < 0.2).float()


def make_cvae(**kwargs):
    torch.manual_seed(0)
    return SketchCVAE(GRID_SIZE, channels=4, **kwargs)


def test_cvae_follows_the_definition(binary):
    """One step in training, with what torch's generator gives."""
    cvae, sketch = make_cvae(dropout=0.0, num_samples=2), binary[:, 0].long()
    torch.manual_seed(1)
    feats = cvae(binary, sketch)
    condition = cvae.condition_encoder(binary)
    feat = cvae.recognition_encoder(torch.cat((binary, binary), 1))
    mean, log_var = cvae.mean(feat), cvae.log_var(feat)
    torch.manual_seed(1)
    posterior, prior = [], []
    for _ in range(2):
        eps = torch.randn(mean.shape)
        latent = mean + eps * (log_var / 2).exp()
        posterior.append(cvae.decoder(torch.cat((condition, latent), 1)))
        z = torch.randn(mean.shape)
        prior.append(cvae.decoder(torch.cat((condition, z), 1)))
    wanted = dict(
        sketch_prior=(prior[0] + prior[1]) / 2,
        sketch_posterior=(posterior[0] + posterior[1]) / 2,
        sketch_mean=mean,
        sketch_log_var=log_var,
    )
    assert set(feats) == set(wanted)
    for name, value in wanted.items():
        torch.testing.assert_close(feats[name], value, msg=name)
    assert feats['sketch_mean'].shape == (2, 4, *QUARTER)


def test_a_prediction_can_be_repeated(binary):
    """Whatever was drawn before, and whatever else is in the batch."""
    cvae = make_cvae().eval()
    whole = cvae(binary)
    assert set(whole) == {'sketch_prior'}
    torch.manual_seed(7)
    single = cvae(binary[1:])['sketch_prior']
    torch.testing.assert_close(single, whole['sketch_prior'][1:])
    again = cvae(binary)['sketch_prior']
    assert torch.equal(again, whole['sketch_prior'])
    # another seed: other latents with the same weights
    other = make_cvae(seed=1).eval()(binary)['sketch_prior']
    assert (other - again).abs().max() > 1e-4


def test_more_samples_come_closer_to_their_mean(binary):
    """The mean of 4 of 64 latents is farther off than that of 32."""
    with torch.no_grad():
        few, many, all_of_them = (
            make_cvae(num_test_samples=n).eval()(binary)['sketch_prior']
            for n in (4, 32, 64)
        )
    assert (few - all_of_them).std() > 2 * (many - all_of_them).std()


def test_latents_are_constants():
    """Not in a checkpoint; a shorter list is the start of a longer one."""
    assert 'latents' not in make_cvae().state_dict()
    latents = draw_latents(0, (4, 1, 2, 3))
    assert torch.equal(latents[:2], draw_latents(0, (2, 1, 2, 3)))
    wanted = torch.tensor([1.7640524, 0.4001572, 0.9787380])
    torch.testing.assert_close(latents[0, 0, 0], wanted)


@pytest.mark.parametrize(
    'kwargs, match',
    [
        (dict(grid_size=(12, 6, 16)), 'multiple of 4'),
        (dict(grid_size=GRID_SIZE, num_samples=0), '1 or more, but got 0 and 4'),
        (dict(grid_size=GRID_SIZE, num_test_samples=0), 'got 4 and 0'),
    ],
)
def test_cvae_refuses_wrong_arguments(kwargs, match):
    with pytest.raises(InputError, match=match):
        SketchCVAE(**kwargs)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return MODELS.build(tiny_sketch_net())


def test_features_and_losses(net):
    inputs, samples = make_ssc_batch()
    losses = net(inputs, samples, mode='loss')
    assert set(losses) == {
        'loss_ssc',
        'loss_2d',
        'loss_sketch_raw',
        'loss_sketch_posterior',
        'loss_sketch_prior',
        'loss_sketch_kl',
    }
    sum(losses.values()).backward()
    without = {n for n, p in net.named_parameters() if p.grad is None}
    assert without == {n for n, _ in net.backbone.named_parameters('backbone')}
    feats = net.eval().extract_feat(inputs)
    assert set(feats) == {
        'feat_2d',
        'logits_2d',
        'voxel_feat',
        'tsdf_feat',
        'sketch_raw',
        'sketch_prior',
    }
    encoder = net.tsdf_encoder
    expected = encoder.raw_stem(feats['sketch_raw']) + encoder.prior_stem(
        feats['sketch_prior']
    )
    torch.testing.assert_close(feats['tsdf_feat'], expected)


def with_raw_losses(**losses):
    """Config of a network whose raw sketch has other losses, too."""
    cfg = tiny_sketch_net()
    cross_entropy = dict(type='SmoothCrossEntropyLoss', label_smoothing=0.0)
    cfg['tsdf_encoder']['raw_head'] = dict(
        type='SSCHead', flip_prob=0.0, loss_ssc=cross_entropy, **losses
    )
    return cfg


def test_all_losses_of_the_raw_sketch_count():
    net = MODELS.build(
        with_raw_losses(loss_iou=dict(type='mmseg.LovaszLoss', reduction='none'))
    )
    losses = net(*make_ssc_batch(), mode='loss')
    assert 0 < losses['loss_sketch_raw_iou'] <= 1


def test_a_sketch_has_no_void():
    with pytest.raises(InputError, match='raw_head.loss_void: a sketch has two'):
        MODELS.build(with_raw_losses(loss_void=dict(type='VoidLoss')))


def test_sketch_losses_cover_weighted_voxels(net):
    """All of them, those without a label too; the weights are the paper's."""
    inputs, samples = make_ssc_batch()
    net.eval()
    losses = net(inputs, samples, mode='loss')
    label = torch.stack([s.gt_voxel_seg.label for s in samples])
    weight = torch.stack([s.gt_voxel_seg.label_weight for s in samples])
    sketch = make_sketch(label)
    assert (label[weight] == 255).any() and (sketch[weight] == 1).any()
    feats = net.extract_tsdf_feat(dict(inputs, sketch=sketch))
    for name, factor in (('raw', 1.0), ('posterior', 1.0), ('prior', 1.5)):
        logs = feats[f'sketch_{name}'].log_softmax(1)
        picked = logs.gather(1, sketch[:, None])[:, 0]
        torch.testing.assert_close(
            losses[f'loss_sketch_{name}'], -factor * picked[weight].mean()
        )


def test_the_second_stage_teaches_the_first(net):
    """Through the logits of raw and whole sketch, which it reads."""
    inputs, _ = make_ssc_batch()
    net(inputs).square().sum().backward()
    for part in ('stem', 'raw_head', 'raw_stem', 'prior_stem'):
        module = getattr(net.tsdf_encoder, part)
        assert all(
            p.grad.abs().sum() > 0
            for n, p in module.named_parameters()
            if n.endswith('.weight')
        ), part
    cvae = net.tsdf_encoder.cvae
    assert cvae.decoder[3].weight.grad.abs().sum() > 0
    assert cvae.mean.weight.grad is None  # of the posterior


def test_a_network_of_the_tsdf_alone(net):
    depth = MODELS.build(tiny_sketch_net(**TSDF_ALONE)).eval()
    state = net.state_dict()
    depth.load_state_dict({key: state[key] for key in depth.state_dict()})
    inputs, samples = make_ssc_batch()
    feats = net.eval().extract_feat(inputs)
    assert torch.equal(
        depth(dict(tsdf=inputs['tsdf'])), net.decode_head(feats['tsdf_feat'])
    )
    predicted = depth.predict(dict(tsdf=inputs['tsdf']), samples)
    assert predicted[0].pred_voxel_seg.label.shape == GRID_SIZE


def test_inference_gives_the_sketch(net):
    """Of one frame, the same each time."""
    frame = make_arrays(0)
    samples = [
        inference_ssc(
            net.eval(),
            img=frame['img'],
            tsdf=frame['tsdf'],
            mapping=frame['mapping'],
            return_feats=True,
        )
        for _ in range(2)
    ]
    logits = [sample.pred_voxel_seg.logits for sample in samples]
    assert torch.equal(*logits)
    assert samples[0].feats['sketch_prior'].shape == (2, *GRID_SIZE)


def test_it_can_teach_features(tmp_path):
    """KD-T alone reads its T, without the completion."""
    path = tmp_path / 'teacher.pth'
    cfg = tiny_sketch_net()
    torch.save(MODELS.build(cfg).state_dict(), path)
    kd_t = dict(tiny_distiller(str(path)), kd_center=None, kd_affinity=None)
    distiller = MODELS.build(dict(kd_t, teacher=cfg)).eval()
    distiller.load_teacher()
    inputs, samples = make_ssc_batch()
    clean = dict(inputs, tsdf=inputs['tsdf_cad'])
    theirs = distiller.teacher.extract_feat(clean)['tsdf_feat']
    ours = distiller.student.extract_feat(inputs)['tsdf_feat']
    torch.testing.assert_close(
        distiller(inputs, samples, mode='loss')['loss_kd_surface'],
        0.25 * (ours - theirs).square().mean(),
    )


def test_a_distiller_cannot_train_it(tmp_path):
    """The distiller would not tell it the sketch."""
    path = tmp_path / 'teacher.pth'
    cfg = tiny_sketch_net()
    torch.save(MODELS.build(cfg).state_dict(), path)
    distiller = MODELS.build(dict(tiny_distiller(str(path)), student=cfg, teacher=cfg))
    distiller.load_teacher()
    with pytest.raises(InputError, match='train it as the model itself'):
        distiller(*make_ssc_batch(), mode='loss')
