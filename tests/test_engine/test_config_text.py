"""The text of a config."""

from mmengine.config import Config, config

from cleaners import register_modules  # noqa: F401


def test_a_text_is_laid_out_once():
    cfg = Config(dict(model=dict(type='Net', sizes=list(range(40)))))
    layout = config.FormatCode.layout
    layout.cache_clear()
    first = cfg.pretty_text
    assert cfg.pretty_text == first
    assert (layout.cache_info().misses, layout.cache_info().hits) == (1, 1)
    # as yapf lays it out, not only as it came
    assert max(map(len, first.splitlines())) < 80
    cfg.model.sizes.append(40)
    assert cfg.pretty_text != first
