"""All frames of a data set: several processes, several machines."""

import hashlib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..datasets import nyu
from ..datasets.prepared import SPLITS
from ..fileio.json_file import read_object
from .dataset_layout import DatasetLayout
from .dataset_settings import keep_settings
from .frame_record import read_record
from .frame_workers import Convert, SplitResult, Workers, convert_split, report_broken
from .label_classes import make_palette
from .output_files import remove_leftovers, write_json


@dataclass(frozen=True)
class Share:
    """How much of the work this run does.

    Args:
        workers (Workers): Processes.
        index (int): Number of this shard, from 1.
        count (int): Shards in all.
    """

    workers: Workers = Workers()
    index: int = 1
    count: int = 1

    def pick(self, samples: Sequence[str]) -> list[str]:
        """The frames of this shard, by a hash of the name.

        Every frame is in exactly one shard, and always in the same one.
        """
        return sorted(
            sample
            for sample in samples
            if _stable_hash(sample) % self.count == self.index - 1
        )


def convert_splits(
    layout: DatasetLayout,
    settings: dict,
    jobs: Mapping[str, tuple[Sequence[str], Convert]],
    share: Share,
) -> bool:
    """Convert the frames of all splits and list them.

    A frame that cannot be converted is left out and reported at the end.
    A run that is one shard of several leaves a record for ``merge_shards``
    in place of annotation files and manifest.

    Args:
        layout (DatasetLayout): Where to.
        settings (dict): What determines all frames, as JSON can hold it;
            ``profile`` among it, the name of the rules.
        jobs (Mapping[str, tuple]): By split, the ``sample_idx`` of each frame
            and the function that writes its files unless they are there
            and returns its record.
        share (Share): Processes, and the shard.

    Returns:
        bool: Whether all frames were converted.

    Raises:
        ValueError: If frames made with other settings are there.
        WriteError: If a file cannot be written; the run stops.
    """
    keep_settings(layout, settings)
    remove_leftovers(layout.folders)
    results = {
        split: convert_split(split, share.pick(samples), convert, share.workers)
        for split, (samples, convert) in jobs.items()
    }
    if share.count > 1:
        _write_shard(layout, results, _metainfo(layout, settings['profile']), share)
        print(
            f'shard {share.index} of {share.count} is done; when all are, '
            'run: tools/create_data.py merge '
            f'{shlex.quote(str(layout.out_dir))}'
        )
    else:
        _write_lists(layout, results, _metainfo(layout, settings['profile']))
    return report_broken(results)


def _write_shard(
    layout: DatasetLayout, results: dict[str, SplitResult], metainfo: dict, share: Share
) -> None:
    """Record a shard, beside its splits that other commands made."""
    path = layout.shard_file(share.index, share.count)
    known = read_object(path) if path.exists() else {}
    splits = known['splits'] if known.get('metainfo') == metainfo else {}
    splits.update({split: result._asdict() for split, result in results.items()})
    write_json(path, dict(metainfo=metainfo, splits=splits))


def merge_shards(layout: DatasetLayout) -> bool:
    """Join the records of all shards: annotation files and manifest.

    Args:
        layout (DatasetLayout): Where the shards are.

    Returns:
        bool: Whether no frame is broken.

    Raises:
        FileNotFoundError: If there are no shards, or some are missing.
        ValueError: If they are shards of different runs.
    """
    parts = _find_shards(layout)
    metainfos = [part['metainfo'] for part in parts]
    if any(metainfo != metainfos[0] for metainfo in metainfos):
        raise ValueError(f'{layout.out_dir}: shards of different data sets')
    results = {}
    for split in SPLITS:
        chosen = [p['splits'][split] for p in parts if split in p['splits']]
        if len(chosen) not in (0, len(parts)):
            raise ValueError(
                f'{layout.out_dir}: only {len(chosen)} of '
                f'{len(parts)} shards have the split {split}'
            )
        if chosen:
            results[split] = SplitResult(
                sorted(s for part in chosen for s in part['samples']),
                {k: v for part in chosen for k, v in part['broken'].items()},
            )
    _write_lists(layout, results, metainfos[0])
    return report_broken(results)


def _stable_hash(sample_idx: str) -> int:
    """The same number in every process and on every machine."""
    return int(hashlib.sha256(sample_idx.encode()).hexdigest()[:15], 16)


def _metainfo(layout: DatasetLayout, profile: str) -> dict:
    """Head of the annotation files."""
    twin = dict(twin=layout.twin_from_here) if layout.twin else {}
    classes = (
        dict(classes=list(layout.classes), palette=make_palette(layout.classes))
        if layout.classes
        else {}
    )
    return dict(
        dataset=layout.kind.dataset,
        profile=profile,
        **twin,
        **classes,
        voxel_size=nyu.GRID.voxel_size,
        grid_size=list(nyu.GRID.shape),
        img_size=list(nyu.IMG_SIZE),
    )


def _write_lists(
    layout: DatasetLayout, results: dict[str, SplitResult], metainfo: dict
) -> None:
    """Write annotation files and manifest from the records of frames.

    Frames of an earlier run that no annotation file lists are left alone.
    """
    for split in SPLITS:
        if split in results:
            infos = [
                record['info'] for record in _records(layout, split, results[split])
            ]
            write_json(
                layout.annotation_file(split), dict(metainfo=metainfo, data_list=infos)
            )
    checksums = {}
    for split, info in layout.listed_frames():
        record = read_record(layout, split, info['sample_idx'])
        checksums.update(record.get('files', {}))
    write_json(
        layout.manifest_file(),
        dict(algorithm='sha256', files=dict(sorted(checksums.items()))),
    )


def _records(layout: DatasetLayout, split: str, result: SplitResult) -> Iterator[dict]:
    """Records of the frames of a split that are not broken."""
    for sample in result.samples:
        if sample not in result.broken:
            record = read_record(layout, split, sample)
            if not record:
                raise FileNotFoundError(
                    f'{layout.record_file(sample)}: frame not finished, or '
                    'files of it are missing; run the command again'
                )
            yield record


def _find_shards(layout: DatasetLayout) -> list[dict]:
    """Records of all shards, complete."""
    folder = layout.shard_file(1, 1).parent
    paths = sorted(folder.glob(f'{layout.prefix}_*-of-*.json'))
    counts = sorted({int(p.stem.rsplit('-of-', 1)[1]) for p in paths})
    if len(counts) != 1:
        raise FileNotFoundError(
            f'{folder}: expected the shards of one run, but found those of '
            f'{len(counts)} (by their number: {counts}); '
            + ('delete the old ones' if counts else 'run with --shard first')
        )
    expected = [layout.shard_file(i, counts[0]) for i in range(1, counts[0] + 1)]
    missing = [path.name for path in expected if not path.is_file()]
    if missing:
        raise FileNotFoundError(
            f'{folder}: shards are missing: {", ".join(missing)}; run them first'
        )
    return [read_object(path) for path in expected]
