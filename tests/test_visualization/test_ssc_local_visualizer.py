import cv2
import numpy as np
import pytest
from mmdet3d.registry import VISUALIZERS
from voxel_samples import room, sample

from cleaners.visualization.ssc_local_visualizer import SSCLocalVisualizer

META = dict(
    classes=('empty', 'ceiling', 'floor', 'wall', 'chair'),
    palette=[
        [20, 190, 200],
        [210, 40, 40],
        [40, 160, 0],
        [90, 100, 230],
        [200, 200, 90],
    ],
)
SIZE = (48, 64)
# layout: 20 pixels around and between the panels, titles 44 high
TOP, GAP = 44, 20


def visualizer(**kwargs):
    result = SSCLocalVisualizer(panel_size=SIZE, **kwargs)
    result.dataset_meta = META
    return result


def draw(tmp_path, image, data_sample, **kwargs):
    """Draw into a file and read it: (H, W, 3) RGB."""
    path = tmp_path / 'pictures' / 'frame.png'
    visualizer().add_datasample(
        'frame', image, data_sample, out_file=str(path), **kwargs
    )
    assert [p.name for p in path.parent.iterdir()] == ['frame.png']
    return cv2.imread(str(path))[..., ::-1]


def panel(picture, index):
    left = GAP + index * (SIZE[1] + GAP)
    return picture[TOP : TOP + SIZE[0], left : left + SIZE[1]]


def has_colour(picture, colour):
    return (picture == np.array(colour)).all(axis=-1).any()


@pytest.fixture
def photo():
    image = np.zeros((*SIZE, 3), dtype=np.uint8)
    image[:, :20] = (250, 10, 60)
    image[30:, 40:] = (5, 220, 110)
    return image


class TestSSCLocalVisualizer:
    def test_the_ignored_label_of_the_data_set_is_not_drawn(self, tmp_path):
        """It has no colour, as 255 has none."""
        pictures = []
        for ignored in (255, 200):
            gt = room()
            gt[3:] = ignored
            drawing = visualizer()
            drawing.dataset_meta = dict(META, ignore_index=ignored)
            path = str(tmp_path / f'{ignored}.png')
            drawing.add_datasample('a', None, sample(gt=gt), out_file=path)
            pictures.append(cv2.imread(path))
        np.testing.assert_array_equal(*pictures)

    def test_is_registered(self):
        built = VISUALIZERS.build(dict(type='SSCLocalVisualizer', name='built'))
        assert isinstance(built, SSCLocalVisualizer)

    def test_panels(self, tmp_path, photo):
        picture = draw(tmp_path, photo, sample(room(2), room(1)))
        # three classes in two legend rows of 30 pixels each
        assert picture.shape[1] == 4 * GAP + 3 * SIZE[1]
        assert picture.shape[0] == TOP + SIZE[0] + 2 * 30 + GAP
        np.testing.assert_array_equal(panel(picture, 0), photo)
        pred, gt = panel(picture, 1), panel(picture, 2)
        for volume in (pred, gt):
            assert has_colour(volume, META['palette'][2])
            assert (volume[0, 0] == 255).all()
        wall = np.array(META['palette'][3])
        assert (pred == wall).all(axis=-1).sum() > 1.5 * (gt == wall).all(axis=-1).sum()

    def test_titles_are_written(self, tmp_path, photo):
        picture = draw(tmp_path, photo, sample(room(), room()))
        strip = picture[: TOP - 1]
        for index in range(3):
            left = GAP + index * (SIZE[1] + GAP)
            assert strip[:, left : left + SIZE[1]].min() < 120

    def test_legend_has_the_drawn_classes(self, tmp_path, photo):
        picture = draw(tmp_path, photo, sample(room(), room()))
        legend = picture[TOP + SIZE[0] + 1 :]
        found = [has_colour(legend, colour) for colour in META['palette']]
        assert found == [False, False, True, True, True]

    def test_other_classes_can_be_hidden(self, tmp_path):
        drawing = visualizer(hidden_classes=('chair', 'wall'))
        path = str(tmp_path / 'frame.png')
        drawing.add_datasample('frame', None, sample(room(), room()), out_file=path)
        picture = cv2.imread(path)[..., ::-1]
        legend = picture[TOP + SIZE[0] + 1 :]
        found = [has_colour(legend, colour) for colour in META['palette']]
        assert found == [False, True, True, False, False]
        assert has_colour(panel(picture, 0), META['palette'][1])

    @pytest.mark.parametrize('wall_first', [False, True])
    def test_both_volumes_have_the_same_view(self, tmp_path, wall_first):
        bare, walled = np.where(room() == 2, room(), 0), room(1)
        pair = (walled, bare) if wall_first else (bare, walled)
        picture = draw(tmp_path, None, sample(*pair))
        bare, walled = (panel(picture, wall_first), panel(picture, not wall_first))
        bare_floor, floor = (
            (volume == META['palette'][2]).all(axis=-1) for volume in (bare, walled)
        )
        # the wall hides and shades a part of the floor, no more
        assert 0.4 * bare_floor.sum() < floor.sum() < bare_floor.sum()
        assert not (floor & ~bare_floor).any()
        # and the view shows all of it
        assert (walled[0] == 255).all() and (walled[:, 0] == 255).all()

    def test_voxels_without_weight_are_not_drawn(self, tmp_path):
        weight = np.ones((6, 4, 6), dtype=bool)
        weight[2:4] = False
        reference = draw(tmp_path, None, sample(room(2), room(1), weight))
        changed = room(4)
        np.testing.assert_array_equal(
            draw(tmp_path, None, sample(changed, room(1), weight)), reference
        )
        weight[2:4] = True
        assert (
            draw(tmp_path, None, sample(changed, room(1), weight)) != reference
        ).any()

    def test_ignored_voxels_are_not_drawn(self, tmp_path):
        ignored = room(1)
        ignored[:, 0] = 255
        picture = draw(tmp_path, None, sample(gt=ignored))
        assert not has_colour(panel(picture, 0), META['palette'][2])
        assert has_colour(panel(picture, 0), META['palette'][3])

    @pytest.mark.parametrize('kwargs', [{}, dict(draw_gt=False), dict(draw_pred=False)])
    def test_choice_of_panels(self, tmp_path, photo, kwargs):
        picture = draw(tmp_path, photo, sample(room(), room()), **kwargs)
        num_panels = 3 - len(kwargs)
        assert picture.shape[1] == GAP + num_panels * (SIZE[1] + GAP)

    def test_photo_of_another_size_is_scaled(self, tmp_path):
        photo = np.full((96, 200, 3), (250, 10, 60), dtype=np.uint8)
        picture = draw(tmp_path, photo, sample(room()))
        assert picture.shape[1] == 3 * GAP + 100 + SIZE[1]
        scaled = picture[TOP : TOP + SIZE[0], GAP : GAP + 100]
        assert (scaled == (250, 10, 60)).all()

    def test_goes_to_the_backends_without_a_file(self, tmp_path, photo):
        shown = visualizer(
            vis_backends=[dict(type='LocalVisBackend')], save_dir=str(tmp_path)
        )
        shown.add_datasample('frame', photo, sample(room()), step=7)
        saved = list(tmp_path.rglob('frame_7.png'))
        assert len(saved) == 1
        picture = cv2.imread(str(saved[0]))[..., ::-1]
        np.testing.assert_array_equal(panel(picture, 0), photo)

    def test_refuses_missing_meta(self, photo):
        with pytest.raises(RuntimeError, match="should have 'palette'"):
            SSCLocalVisualizer(panel_size=SIZE).add_datasample(
                'frame', photo, sample(room()), out_file='unused.png'
            )

    def test_refuses_nothing(self):
        with pytest.raises(ValueError, match='nothing to draw'):
            visualizer().add_datasample('frame', None, sample())
