"""The pages of all models, written from the metafiles of the projects."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from ..utils.atomic_write import write_atomically
from ..utils.errors import InputError
from ..utils.markdown_table import markdown_table

ZOO, CARDS = 'docs/model_zoo.md', 'docs/model_cards'
_TOTALS = ('SC precision', 'SC recall', 'SC IoU', 'SSC mIoU')
_SHARES = ('free voxels called occupied', 'voxels without label called occupied')
_CLASS_PREFIX = 'IoU '
# what is shown of a protocol, where that is not all totals
_COLUMNS = {'all': _TOTALS[2:], 'occupied': _SHARES}
# the protocol that the field's tables follow
_FIELDS = '3dsketch'
_TITLES = {
    'occupied': 'What is called occupied where `3dsketch` does not look '
    '([why](../evaluation.md#what-no-score-shows)):'
}
_USE = """```python
from cleaners.apis import init_ssc_model

model = init_ssc_model('{name}')
```"""
_INTRODUCTION = """# Model zoo

Written by `python tools/misc/model_zoo.py` from the `metafile.yml` of each
project. Percent, on the 654 test frames of NYU."""
_PACKAGE = """## Networks that come with the package

They are loaded by name, from a clone and from an installed package:
`init_ssc_model('NAME')`, `demo/ssc_demo.py --model NAME`, `tools/test.py
CONFIG NAME`, `teacher_ckpt=NAME`. Each has a card. (SC IoU and SSC mIoU were
counted once more by code that shares none with the project's metric: the same to
0.01; `python -m pytest -m slow tests/test_apis/test_scores_of_the_zoo.py` does so
for those that are no teachers.)

Teachers see TSDF-CAD, which is rendered from the labels of the frame, here of the
test frames: their scores show how much room there is above a baseline, and are no
results. On the sensor's TSDF the one with photos falls to [59.0 SC IoU / 35.9 SSC
mIoU](experiments/small_networks.md#what-was-tried-for-the-distillation-gain)."""
_LIMITS = """[What the networks of the package can and cannot
do](../own_rgbd.md#5-predict)."""
_PAPERS = """## Published

What the papers say of their own networks; not measured here, and none of
these weights come with the package."""

_SIZES = """## Methods: size, cost, what was proven

Parameters and GFLOP a frame by `tools/analysis_tools/get_flops.py CONFIG`;
seconds a frame and peak memory of the process by
`tools/analysis_tools/benchmark.py CONFIG --task inference`, on two cores of a
Xeon (AVX-512, AMX; a matrix product runs at 335 GFLOP/s) without a GPU, with
random weights, in one run each: the memory is that of Python and its libraries, too,
and varies by up to 200 MiB between like networks. The second column says what was
proven equal to the authors' code; the last two are the papers' scores. The small
networks have the same modules in other sizes, another 2D network and other losses:
there is nothing of the authors' to compare them with; and the code of CleanerS with
ResNet-50 was not released."""
# of a model's metadata, what the table of costs shows, and with how many digits
_COSTS = {
    'Parameters (M)': 2,
    'GFLOP a frame': 1,
    'Seconds a frame': 2,
    'Memory (MiB)': 0,
}
_PARITY = 'Parity'


class Model(NamedTuple):
    """An entry of a metafile.

    Attributes:
        name (str): Of the model.
        config (str): Path of its config, from the root.
        weights (str): Name by which the package has its weights, or ''.
        metadata (dict): How it came about.
        results (list[dict]): Each with ``Protocol`` and ``Metrics``.
        proven (str): What is equal to its authors' code, or ''.
        parity (str): Page that shows how equal.
        is_quoted (bool): Whether the results are a paper's.
        remark (str): What must be known to compare them, or ''.
    """

    name: str
    config: str
    weights: str
    metadata: dict[str, object]
    results: list[dict]
    proven: str
    parity: str
    is_quoted: bool
    remark: str

    def metrics(self, protocol: str) -> Mapping[str, float]:
        """Scores under a protocol; none where there are none."""
        for result in self.results:
            if result['Protocol'] == protocol:
                return result['Metrics']
        return {}


def read_models(root: Path) -> list[Model]:
    """Read the metafiles of all projects, in the order of their names.

    Args:
        root (Path): Of the repository.

    Raises:
        InputError: If an entry lacks something.
    """
    models = []
    for path in sorted(root.glob('projects/*/metafile.yml')):
        content = yaml.safe_load(path.read_text(encoding='utf-8'))
        parity = {
            collection['Name']: collection.get('Metadata', {}).get(_PARITY, '')
            for collection in content.get('Collections', [])
        }
        for entry in content['Models']:
            try:
                _check_entry(entry)
                models.append(_read_model(entry, parity))
            except KeyError as error:
                raise InputError(
                    f"'{path}': {entry.get('Name')} has no {error.args[0]!r}"
                ) from error
    return models


def _check_entry(entry: dict) -> None:
    """Ask for what the pages read.

    Raises:
        KeyError: If something lacks.
    """
    if 'Weights' in entry:
        entry['Metadata']['Description']
    for result in entry.get('Results', []):
        result['Protocol'], result['Metrics']


def _read_model(entry: dict, parity: Mapping[str, str]) -> Model:
    return Model(
        entry['Name'],
        entry['Config'],
        entry.get('Weights', ''),
        entry.get('Metadata', {}),
        entry.get('Results', []),
        entry.get('Proven', ''),
        parity.get(entry['In Collection'], ''),
        bool(entry.get('Quoted')),
        entry.get('Remark', ''),
    )


def model_pages(models: Sequence[Model]) -> dict[str, str]:
    """Write the zoo, and a card for each model with weights.

    Args:
        models (Sequence[Model]): Of :func:`read_models`.

    Returns:
        dict[str, str]: Text of each page, by its path from the root.
    """
    own = [model for model in models if model.weights]
    quoted = [model for model in models if model.is_quoted]
    parts = [
        _INTRODUCTION,
        _PACKAGE,
        _table(own, (_FIELDS, 'all', 'occupied')),
        _PAPERS,
        _table(quoted, (_FIELDS,)),
        *(f'{model.name}: {model.remark}.' for model in quoted if model.remark),
        _SIZES,
        _cost_table([model for model in models if set(_COSTS) <= set(model.metadata)]),
    ]
    pages = {ZOO: '\n\n'.join(parts) + '\n'}
    for model in own:
        pages[f'{CARDS}/{model.name}.md'] = _card(model)
    return pages


def write_pages(root: Path) -> list[str]:
    """Write all pages; returns their paths."""
    pages = model_pages(read_models(root))
    for name, text in pages.items():
        write_atomically(root / name, text.encode())
    return list(pages)


def _table(models: Sequence[Model], protocols: Sequence[str]) -> str:
    """One row a model; the totals under each protocol."""
    columns = [
        (protocol, total)
        for protocol in protocols
        for total in _COLUMNS.get(protocol, _TOTALS)
    ]
    titles = ['model', 'config'] + [
        f'{total}, `{protocol}`' if protocol == 'all' else total
        for protocol, total in columns
    ]
    rows = []
    for model in models:
        name = model.name
        if model.weights:
            name = f'[{name}]({Path(CARDS).name}/{name}.md)'
        figures = [
            _figure(model.metrics(protocol).get(total)) for protocol, total in columns
        ]
        rows.append([name, f'[{Path(model.config).stem}](../{model.config})'] + figures)
    return markdown_table(titles, rows, texts=2)


def _cost_table(models: Sequence[Model]) -> str:
    """One row a model: what it takes, and what its paper says of it."""
    rows = [
        [
            f'[{model.name}](../{model.config})',
            f'[{model.proven}](../{model.parity})' if model.proven else '-',
            *(f'{model.metadata[key]:.{digits}f}' for key, digits in _COSTS.items()),
            *(
                _figure(model.metrics(_FIELDS).get(total) if model.is_quoted else None)
                for total in _TOTALS[2:]
            ),
        ]
        for model in models
    ]
    published = [f'{total}, published' for total in _TOTALS[2:]]
    return markdown_table(['model', 'proven', *_COSTS, *published], rows, texts=2)


def _card(model: Model) -> str:
    """Page of one model."""
    facts = dict(model.metadata)
    parts = [
        f'# {model.name}',
        f'{facts.pop("Description")} ([config](../../{model.config}))',
        _USE.format(name=model.weights),
        markdown_table(('', ''), list(facts.items()), texts=2),
        _LIMITS,
        '## Scores\n\nPercent, on the 654 test frames of NYU.',
    ]
    if model.remark:
        parts.append(f'{model.remark[0].upper()}{model.remark[1:]}.')
    for result in model.results:
        protocol = result['Protocol']
        parts.append(_TITLES.get(protocol, f'Protocol `{protocol}`:'))
        metrics = result['Metrics']
        for is_class in (False, True):
            chosen = {
                key.replace(_CLASS_PREFIX, ''): _figure(value)
                for key, value in metrics.items()
                if key.startswith(_CLASS_PREFIX) == is_class
            }
            if chosen:
                parts.append(markdown_table(list(chosen), [chosen.values()], texts=0))
    return '\n\n'.join(parts) + '\n'


def _figure(value: object) -> str:
    return '' if value is None else f'{value:.1f}'
