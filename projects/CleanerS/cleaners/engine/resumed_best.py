"""The best checkpoint of a run that goes on in another folder."""

from pathlib import Path

_BEST, _SCORE = 'best_ckpt', 'best_score'


def keep_to_folder(message_hub: dict, folder: Path) -> list[str]:
    """Let a resumed run know no best checkpoint but one of its own folder.

    mmengine removes the best checkpoint that a run remembers when there is a
    better one. A run that was copied or moved remembers that of the folder
    where it was.

    Args:
        message_hub (dict): Of a checkpoint; a best one that lies elsewhere
            becomes its namesake in the folder, or is forgotten together with
            its score, so that the next one counts as the best.
        folder (Path): That checkpoints are written to.

    Returns:
        list[str]: The files that the run no longer remembers.
    """
    known = message_hub['runtime_info']
    elsewhere = []
    for key in [key for key in known if key.startswith(_BEST)]:
        path = Path(known[key])
        if path.parent.absolute() == folder.absolute():
            continue
        elsewhere.append(str(path))
        if (folder / path.name).exists():
            known[key] = str(folder / path.name)
            continue
        for name in (key, key.replace(_BEST, _SCORE)):
            known.pop(name, None)
            message_hub['resumed_keys'].pop(name, None)
    return elsewhere
