"""Numbers and names in the hand-written pages are those of the code."""

import re

import pytest
from doc_pages import ROOT, read
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.datasets import nyu
from cleaners.evaluation.functional.protocols import PROTOCOLS


def numbers(intrinsics):
    """Return fx, fy, cx, cy as a page writes them."""
    return ', '.join(
        f'{getattr(intrinsics, key):g}'
        if getattr(intrinsics, key).is_integer()
        else str(getattr(intrinsics, key))
        for key in ('fx', 'fy', 'cx', 'cy')
    )


NUM_PIXELS = nyu.IMG_SIZE[0] * nyu.IMG_SIZE[1]
GRIDS = [
    f'{" x ".join(map(str, g.shape))}' for g in (nyu.GRID, nyu.FINE_GRID)
]  # as the FAQ's heading


@pytest.mark.parametrize(
    'page, facts',
    [
        (
            'docs/faq.md',
            [
                f'{GRIDS[0]}, or {GRIDS[1]}',
                f'voxels of {nyu.FINE_GRID.voxel_size} m',
                f'voxels of {nyu.GRID.voxel_size} m',
                f'label is {nyu.IGNORE_INDEX}',
                numbers(nyu.INTRINSICS),
                numbers(nyu.CALIBRATED_INTRINSICS),
                f'{NUM_PIXELS} for none',
                'each from ' + ' x '.join([str(nyu.BLOCK)] * 3),
            ],
        ),
        ('docs/method.md', [f'(B, 3, {nyu.IMG_SIZE[0]}, {nyu.IMG_SIZE[1]})']),
        ('docs/images/mapping.svg', [f'mapping[b] = {NUM_PIXELS}']),
    ],
)
def test_a_page_has_the_numbers_of_the_code(page, facts):
    text = ' '.join(read(page).split())
    for fact in facts:
        assert fact in text, fact


def test_losses_and_their_weights():
    """The table of docs/method.md, against the paper's config."""
    init_default_scope('mmdet3d')
    model = MODELS.build(Config.fromfile(ROOT / 'configs/cleaners_b2.py').model)
    student = model.student
    weights = dict(
        loss_ssc=student.decode_head.loss_ssc.loss_weight,
        loss_2d=student.head_2d.loss_2d.loss_weight,
        loss_kd_surface=model.kd_surface.loss_weight,
        loss_kd_center=model.kd_center.loss_weight,
        loss_kd_affinity=model.kd_affinity.loss_weight,
    )
    rows = re.findall(
        r'^\| L?K?.+?\| `(loss_\w+)` .*\| ([\d.]+) \|$', read('docs/method.md'), re.M
    )
    assert {name: float(weight) for name, weight in rows} == weights


def test_every_class_of_the_table_of_the_method_is_registered():
    page = read('docs/method.md')
    table = page[: page.index('## 1.')]
    names = set(re.findall(r'`([A-Z]\w+)`', table)) - {'METHOD'}
    assert {'SSCSegmentor', 'SurfaceKDLoss'} <= names
    packages = tuple(re.findall(r'`(cleaners[\w.]+)`', table))
    for name in names:
        assert MODELS.get(name).__module__.startswith(packages), name


def test_protocols_and_profiles_have_the_names_of_the_pages():
    for page in ('docs/faq.md', 'docs/evaluation.md'):
        assert all(f'`{name}`' in read(page) for name in PROTOCOLS)


def test_the_sections_that_docstrings_name_are_there():
    """METHOD 2.3 is a section of docs/method.md."""
    numbered = set(re.findall(r'^#+ ([\d.]+?)\.? ', read('docs/method.md'), re.M))
    for path in ROOT.glob('projects/*/*/**/*.py'):
        text = ' '.join(path.read_text().split())
        for section in re.findall(r'METHOD (?:section )?(\d(?:\.\d)?)', text):
            assert section in numbered, path
