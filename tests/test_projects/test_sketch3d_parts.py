"""Parts of 3D-Sketch alone, and what its network adds to the base's."""

import itertools

import numpy as np
import pytest
import torch

from cleaners.testing.tiny import GRID_SIZE
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
