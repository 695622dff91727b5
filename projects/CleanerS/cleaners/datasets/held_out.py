"""Training frames to choose settings by, so that the test split is not."""

import hashlib
from collections.abc import Mapping

from ..utils.errors import InputError

PARTS = ('rest', 'held_out')
_DIGITS = 8  # of the hash, in hex


def fold_of(frame: str, share: float) -> int:
    """Tell in which fold a frame is; its name alone decides.

    Args:
        frame (str): Its name.
        share (float): Of all frames in a fold, in 0..1.

    Returns:
        int: From 0 on, below 1 / share.
    """
    digest = hashlib.sha256(frame.encode()).hexdigest()[:_DIGITS]
    return int(int(digest, 16) / 16**_DIGITS / share)


def is_held_out(frame: str, share: float, fold: int = 0) -> bool:
    """Tell whether a frame is kept aside.

    Args:
        frame (str): Its name.
        share (float): Of all frames, in 0..1.
        fold (int): Which of the folds of this share. Defaults to 0.
    """
    return fold_of(frame, share) == fold


def choose_part(frames: list[dict], filter_cfg: Mapping) -> list[dict]:
    """Choose the frames of one part.

    Args:
        frames (list[dict]): Each with its name, ``frame``.
        filter_cfg (Mapping): ``part``, 'held_out' or 'rest' for all others;
            ``share`` of all frames that are held out, in 0..1; and perhaps
            ``fold`` (:func:`is_held_out`), 0 by default.

    Returns:
        list[dict]: In their order.

    Raises:
        InputError: If it has something else, or makes no sense, or nothing is
            left.
    """
    part, share, fold = (
        filter_cfg.get(key, default)
        for key, default in (('part', None), ('share', None), ('fold', 0))
    )
    is_known = set(filter_cfg) <= {'part', 'share', 'fold'} and part in PARTS
    is_number = isinstance(share, (int, float)) and isinstance(fold, int)
    if not (is_known and is_number and 0 < share < 1 and 0 <= fold < 1 / share):
        raise InputError(
            "filter_cfg should be dict(part='rest' or "
            "'held_out', share=..., fold=...) with a share between 0 and "
            f'1 and a fold from 0 to 1 / share, but got {dict(filter_cfg)}'
        )
    chosen = [
        info
        for info in frames
        if is_held_out(info['frame'], share, fold) == (part == 'held_out')
    ]
    if not chosen:
        raise InputError(
            f'of {len(frames)} frames none is in the part {part!r} with '
            f'share={share}, fold={fold}'
        )
    return chosen
