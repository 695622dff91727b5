import pytest

from cleaners.structures import FrameSizes
from cleaners.utils.errors import InputError

SIZES = FrameSizes((8, 4, 12), (32, 64), 5, 200)


def test_network_and_data_set_say_the_same():
    network = dict(
        type='SSCSegmentor',
        grid_size=[8, 4, 12],
        img_size=(32, 64),
        num_classes=5,
        ignore_index=200,
    )
    metainfo = dict(
        grid_size=(8, 4, 12),
        img_size=[32, 64],
        classes=tuple('abcde'),
        ignore_index=200,
    )
    assert FrameSizes.of_network(network) == SIZES
    assert FrameSizes.of_dataset(metainfo) == SIZES
    assert not SIZES.differences(FrameSizes.of_dataset(metainfo))
    metainfo['classes'] += ('f',)
    assert SIZES.differences(FrameSizes.of_dataset(metainfo)) == [('num_classes', 5, 6)]
    del network['ignore_index'], network['num_classes']
    with pytest.raises(InputError, match="network lacks 'num_classes'"):
        FrameSizes.of_network(network)
    del metainfo['img_size']
    with pytest.raises(InputError, match="data set lacks 'img_size'"):
        FrameSizes.of_dataset(metainfo)


@pytest.mark.parametrize(
    'change, match',
    [
        (dict(grid_size=(8, 4)), 'grid_size should be 3 positive integers'),
        (dict(grid_size=(8, 4, 0)), r'but got \(8, 4, 0\)'),
        (dict(img_size=(32, 64.0)), 'img_size should be 2 positive integers'),
        (dict(num_classes=0), 'num_classes should be a positive integer'),
        (dict(num_classes=256), 'there can be 255 classes, but got 256'),
        (dict(ignore_index=0), 'ignore_index should not be 0'),
    ],
)
def test_what_is_no_size_is_refused(change, match):
    with pytest.raises(InputError, match=match):
        FrameSizes(**dict(vars(SIZES), **change))
