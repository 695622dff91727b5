import pytest
import torch
import torch.nn.functional as F

from cleaners.models.necks import VoxelProjectionNeck
from cleaners.models.necks.voxel_projection_neck import initialize_voxels, sample_pixels

GRID = (4, 3, 5)


def slow_projection(feat, mapping2d, align_corners=False):
    """Upsample the whole map, then write pixel by pixel, in raster order."""
    batch, channels = feat.shape[:2]
    image = F.interpolate(
        feat, mapping2d.shape[-2:], mode='bilinear', align_corners=align_corners
    )
    volume = feat.new_zeros(batch, channels, 4 * 3 * 5)
    for b in range(batch):
        for row in range(mapping2d.shape[1]):
            for column in range(mapping2d.shape[2]):
                voxel = int(mapping2d[b, row, column])
                if voxel >= 0:
                    volume[b, :, voxel] = image[b, :, row, column]
    return volume.view(batch, channels, *GRID)


def random_case(seed, batch=2, img_size=(12, 20), feat_size=(3, 5)):
    """Features and a mapping in which several pixels name one voxel."""
    generator = torch.Generator().manual_seed(seed)
    feat = torch.randn(batch, 6, *feat_size, generator=generator, dtype=torch.double)
    mapping2d = torch.randint(-30, 60, (batch, *img_size), generator=generator)
    return feat.relu(), mapping2d.clamp(min=-1)


@pytest.mark.parametrize('align_corners', [False, True])
@pytest.mark.parametrize(
    'seed, img_size, feat_size',
    [
        (0, (12, 20), (3, 5)),
        (1, (7, 9), (3, 5)),
        (2, (6, 10), (6, 10)),
        (3, (5, 30), (1, 1)),
    ],
)
def test_projection_equals_the_slow_reference(seed, img_size, feat_size, align_corners):
    feat, mapping2d = random_case(seed, 2, img_size, feat_size)
    named = mapping2d[mapping2d >= 0]
    assert len(named) > len(named.unique()), 'the case needs duplicates'
    volume = VoxelProjectionNeck(GRID, align_corners).project(feat, mapping2d)
    torch.testing.assert_close(
        volume, slow_projection(feat, mapping2d, align_corners), rtol=0, atol=1e-14
    )


def test_projection_gradient_equals_the_slow_reference():
    feat, mapping2d = random_case(3)
    weights = torch.randn(2, 6, *GRID, dtype=torch.double)
    grads = []
    for project in (VoxelProjectionNeck(GRID).project, slow_projection):
        leaf = feat.clone().requires_grad_()
        (project(leaf, mapping2d) * weights).sum().backward()
        grads.append(leaf.grad)
    torch.testing.assert_close(grads[0], grads[1], rtol=0, atol=1e-13)


def test_last_pixel_in_raster_order_wins():
    feat = torch.arange(6.0).view(1, 1, 2, 3)
    mapping2d = torch.tensor([[[7, -1, 7], [-1, 7, -1]]])
    volume = VoxelProjectionNeck(GRID).project(feat, mapping2d)
    assert volume.flatten()[7] == 4  # row 1, column 1
    assert volume.count_nonzero() == 1


def test_no_mapped_pixel_gives_an_empty_volume():
    neck = VoxelProjectionNeck(GRID)
    volume = neck(torch.ones(1, 2, 2, 3), torch.full((1, 4, 6), -1))
    assert volume.shape == (1, 2, *GRID) and volume.abs().sum() == 0


@pytest.mark.parametrize('align_corners', [False, True])
def test_samples_equal_interpolation_at_the_full_size(align_corners):
    feat = torch.rand(1, 4, 120, 160)
    pixels = torch.randint(0, 480 * 640, (5000,))
    dense = F.interpolate(
        feat, (480, 640), mode='bilinear', align_corners=align_corners
    )
    expected = dense.flatten(2)[0, :, pixels].t()
    torch.testing.assert_close(
        sample_pixels(feat, pixels, (480, 640), align_corners),
        expected,
        rtol=0,
        atol=1e-5 if align_corners else 1e-6,
    )


def test_a_voxel_outside_the_grid_is_refused():
    with pytest.raises(ValueError, match='voxel 60.*grid has 60'):
        VoxelProjectionNeck(GRID).project(
            torch.ones(1, 1, 1, 1), torch.full((1, 2, 2), 60)
        )


def dense_initialization(volume):
    """The definition: pool the whole volume, fill what is exactly 0."""
    mean = F.avg_pool3d(volume, 3, stride=1, padding=1)
    return volume + mean * (volume == 0)


def sparse_initialization(volume):
    """The project's, on the voxels that have any channel."""
    batch, channels = volume.shape[:2]
    rows = volume.permute(0, 2, 3, 4, 1).reshape(-1, channels)
    voxels = (rows != 0).any(1).nonzero(as_tuple=True)[0]
    targets, values = initialize_voxels(voxels, rows[voxels], volume.shape[2:])
    filled = torch.zeros_like(rows).index_copy(0, targets, values)
    filled = filled.view(batch, *volume.shape[2:], channels)
    return filled.permute(0, 4, 1, 2, 3)


@pytest.mark.parametrize('density', [0.02, 0.2, 1.0])
@pytest.mark.parametrize('batch', [1, 3])
def test_initialization_equals_the_dense_definition(batch, density):
    generator = torch.Generator().manual_seed(int(100 * density))
    occupied = torch.rand(batch, 1, 7, 5, 6, generator=generator) < density
    occupied[-1] = False  # a frame without any voxel
    volume = torch.randn(batch, 4, 7, 5, 6, generator=generator, dtype=torch.double)
    volume = volume.relu() * occupied
    weights = torch.rand(volume.shape, generator=generator).double()
    outs, grads = [], []
    for initialize in (dense_initialization, sparse_initialization):
        leaf = volume.clone().requires_grad_()
        outs.append(initialize(leaf))
        (outs[-1] * weights).sum().backward()
        grads.append(leaf.grad)
    torch.testing.assert_close(*outs, rtol=0, atol=1e-14)
    # the gradient of voxels that nobody named ends in the projection
    named = (volume != 0).any(1, keepdim=True)
    torch.testing.assert_close(grads[0] * named, grads[1] * named, rtol=0, atol=1e-14)


def test_initialization_by_hand():
    """One occupied voxel of two channels, of which one is 0."""
    volume = torch.zeros(1, 2, 3, 3, 4)
    volume[0, 0, 1, 1, 1] = 27.0
    volume[0, 1, 1, 1, 2] = 54.0
    out = sparse_initialization(volume)
    assert out[0, 0, 1, 1, 1] == 27.0  # not zero, so not filled
    assert out[0, 1, 1, 1, 1] == 2.0  # filled though channel 0 is occupied
    assert out[0, 0, 0, 0, 0] == 1.0 and out[0, 0, 2, 2, 2] == 1.0
    assert out[0, 0, 1, 1, 3] == 0.0  # two voxels away
    # 26 neighbours of the first; of the second 26 too, all inside the box
    assert out[0, 0].sum() == 27 + 26 and out[0, 1].sum() == 54 + 2 * 26


def test_initialization_counts_the_padding():
    volume = torch.zeros(1, 1, 3, 3, 3)
    volume[0, 0, 0, 0, 0] = 27.0  # its neighbours lie at the border too
    assert sparse_initialization(volume)[0, 0, 0, 0, 1] == 1.0
