"""The neck for exports against the one that trains."""

import pytest
import torch

from cleaners.deployment.static_projection import StaticProjection
from cleaners.geometry.mapping import mapping_to_image
from cleaners.models.necks import VoxelProjectionNeck

GRID = (4, 3, 5)
NUM_VOXELS = 60


def random_mapping(generator, img_size, share):
    """A pixel of its own for a share of the voxels."""
    num_pixels = img_size[0] * img_size[1]
    mapping = torch.full((NUM_VOXELS,), num_pixels)
    count = round(share * NUM_VOXELS)
    voxels = torch.randperm(NUM_VOXELS, generator=generator)[:count]
    mapping[voxels] = torch.randperm(num_pixels, generator=generator)[:count]
    return mapping


def both(feat, mapping, img_size, align_corners=False, initialize=True):
    """Volumes of the neck and of its static form."""
    mapping2d = torch.stack(
        [
            torch.from_numpy(mapping_to_image(frame.numpy(), img_size))
            for frame in mapping
        ]
    )
    return (
        VoxelProjectionNeck(GRID, align_corners, initialize)(feat, mapping2d),
        StaticProjection(img_size, GRID, align_corners, initialize)(feat, mapping),
    )


@pytest.mark.parametrize(
    'seed, img_size, feat_size',
    [
        (0, (12, 20), (3, 5)),
        (1, (7, 9), (3, 5)),
        (2, (8, 10), (8, 10)),
    ],
)
@pytest.mark.parametrize('align_corners', [False, True])
def test_equals_the_neck_on_two_frames(seed, img_size, feat_size, align_corners):
    generator = torch.Generator().manual_seed(seed)
    mapping = torch.stack(
        [random_mapping(generator, img_size, share) for share in (0.1, 0.6)]
    )
    # a third of all channels is exactly 0, and filled
    feat = torch.randn(2, 6, *feat_size, generator=generator).double()
    feat = (feat * (torch.rand(feat.shape, generator=generator) > 0.3)).relu()
    neck, static = both(feat, mapping, img_size, align_corners)
    assert (neck == 0).any() and (neck != 0).any()
    torch.testing.assert_close(static, neck, rtol=0, atol=1e-14)
    # what is 0 in one is exactly 0 in the other
    assert torch.equal(static == 0, neck == 0)


@pytest.mark.parametrize('share', [0, 1])
def test_no_voxel_or_all_voxels_have_a_pixel(share):
    generator = torch.Generator().manual_seed(3)
    mapping = random_mapping(generator, (8, 10), share)[None]
    feat = torch.rand(1, 2, 4, 5, generator=generator).double()
    neck, static = both(feat, mapping, (8, 10))
    assert bool(neck.any()) == bool(share)
    torch.testing.assert_close(static, neck, rtol=0, atol=1e-14)


def test_without_the_3d_initialisation():
    """A voxel without a pixel stays empty."""
    generator = torch.Generator().manual_seed(4)
    mapping = random_mapping(generator, (8, 10), 0.3)[None]
    feat = torch.rand(1, 2, 8, 10, generator=generator)
    neck, static = both(feat, mapping, (8, 10), initialize=False)
    assert torch.equal(static, neck)
    rows = torch.cat((feat.flatten(2), torch.zeros(1, 2, 1)), 2)
    assert torch.equal(static.flatten(2), rows[:, :, mapping[0]])


def test_first_and_last_pixel_and_voxel():
    """Corners of photo and grid; the border counts as 0 in the mean."""
    mapping = torch.full((1, NUM_VOXELS), 80)
    mapping[0, 0], mapping[0, -1] = 79, 0
    feat = torch.arange(1.0, 21.0).view(1, 1, 4, 5)
    neck, static = both(feat, mapping, (8, 10))
    assert static[0, 0, 0, 0, 0] == 20 and static[0, 0, -1, -1, -1] == 1
    assert static[0, 0, 1, 1, 1] == pytest.approx(20 / 27)
    torch.testing.assert_close(static, neck)


def test_a_feature_that_is_not_finite_stays_in_its_voxel():
    """The last pixel, at which voxels without pixel look, is nobody's."""
    mapping = torch.full((1, NUM_VOXELS), 80)
    feat = torch.ones(1, 1, 4, 5)
    feat[..., -1, -1] = float('nan')
    assert not StaticProjection((8, 10), GRID)(feat, mapping).any()
