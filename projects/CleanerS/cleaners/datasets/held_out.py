"""Training frames to choose settings by, so that the test split is not."""

import hashlib

from ..utils.errors import InputError

PARTS = ('rest', 'held_out')
_DIGITS = 8  # of the hash, in hex


def is_held_out(frame: str, share: float) -> bool:
    """Tell whether a frame is kept aside; its name alone decides.

    Args:
        frame (str): Its name.
        share (float): Of all frames, in 0..1.
    """
    digest = hashlib.sha256(frame.encode()).hexdigest()[:_DIGITS]
    return int(digest, 16) < share * 16**_DIGITS


def choose_part(frames: list[dict], part: str, share: float) -> list[dict]:
    """Choose the frames of one part.

    Args:
        frames (list[dict]): Each with its name, ``frame``.
        part (str): 'held_out', or 'rest' for all others.
        share (float): Of all frames that are held out, in 0..1.

    Returns:
        list[dict]: In their order.

    Raises:
        InputError: If ``part`` or ``share`` makes no sense, or nothing is
            left.
    """
    if part not in PARTS or not 0 < share < 1:
        raise InputError(
            "filter_cfg should be dict(part='rest' or "
            "'held_out', share=...) with a share between 0 and "
            f'1, but got part={part!r}, share={share!r}'
        )
    chosen = [
        info
        for info in frames
        if is_held_out(info['frame'], share) == (part == 'held_out')
    ]
    if not chosen:
        raise InputError(
            f'of {len(frames)} frames none is in the part {part!r} with share={share}'
        )
    return chosen
