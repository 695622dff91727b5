from collections.abc import Mapping
from dataclasses import asdict, dataclass
from numbers import Integral

from ..utils.errors import InputError

# labels are bytes, and one of them does not count
_MAX_CLASSES = 255


@dataclass(frozen=True)
class FrameSizes:
    """Sizes and classes of a frame; a network and its data agree on them.

    Args:
        grid_size (tuple[int]): Voxels along (X, Y, Z).
        img_size (tuple[int]): (H, W) of the photo.
        num_classes (int): With the empty class.
        ignore_index (int): Label that does not count. Defaults to 255.

    Raises:
        InputError: If a size is not made of positive integers, there are more
            classes than a label's byte can tell from those that do not count,
            or the empty class is what does not.
    """

    grid_size: tuple[int, ...]
    img_size: tuple[int, ...]
    num_classes: int
    ignore_index: int = 255

    def __post_init__(self) -> None:
        for name, length in (('grid_size', 3), ('img_size', 2)):
            size = tuple(getattr(self, name))
            if len(size) != length or not all(map(_is_positive, size)):
                raise InputError(
                    f'{name} should be {length} positive integers, but got {size}'
                )
            object.__setattr__(self, name, size)
        if not _is_positive(self.num_classes):
            raise InputError(
                f'num_classes should be a positive integer, but got {self.num_classes}'
            )
        if self.num_classes > _MAX_CLASSES:
            raise InputError(
                f'there can be {_MAX_CLASSES} classes, but got {self.num_classes}'
            )
        if self.ignore_index == 0:
            raise InputError(
                'ignore_index should not be 0, which is the empty class; 255 is none'
            )

    @classmethod
    def of_network(cls, cfg: Mapping) -> 'FrameSizes':
        """Read the sizes from the config of an :obj:`SSCSegmentor`.

        Raises:
            InputError: If one is missing.
        """
        _refuse_missing(
            ('grid_size', 'img_size', 'num_classes'), cfg, 'the config of the network'
        )
        return cls(**{key: cfg[key] for key in cls.__dataclass_fields__ if key in cfg})

    @classmethod
    def of_dataset(cls, metainfo: Mapping) -> 'FrameSizes':
        """Read the sizes from the metainfo of a data set.

        Raises:
            InputError: If one is missing.
        """
        _refuse_missing(
            ('grid_size', 'img_size', 'classes', 'ignore_index'),
            metainfo,
            'the metainfo of the data set',
        )
        return cls(
            metainfo['grid_size'],
            metainfo['img_size'],
            len(metainfo['classes']),
            metainfo['ignore_index'],
        )

    def differences(self, other: 'FrameSizes') -> list[tuple]:
        """List name, own and other value of all that differ."""
        others = asdict(other)
        return [
            (name, value, others[name])
            for name, value in asdict(self).items()
            if value != others[name]
        ]


def _is_positive(size: object) -> bool:
    return isinstance(size, Integral) and int(size) > 0


def _refuse_missing(keys: tuple[str, ...], where: Mapping, name: str) -> None:
    for key in keys:
        if key not in where:
            raise InputError(f'{name} lacks {key!r}')
