"""What is found in a page, by hand on small pages."""

import pytest
from markdown_text import anchors, deepen_lists, fences, links, slug

PAGE = """# One `two` & three

See [a](b.md#c "title"), ![d](e.svg) and `[no](code.md)`.

```bash
ls  # [no](fence.md)
## no heading
```

- item

  ```python
  x = 1
    y = 2
  ```

## Again
## Again
[ref]: f.md
<img src="g.png">
"""


def test_links_are_found_outside_of_code():
    found = [(link.target, link.line) for link in links(PAGE)]
    assert found == [('b.md#c', 3), ('e.svg', 3), ('f.md', 19), ('g.png', 20)]
    for link in links(PAGE):
        assert PAGE[link.start : link.end] == link.target


def test_fences_lose_their_indentation():
    assert list(fences(PAGE)) == [
        ('bash', 'ls  # [no](fence.md)\n## no heading\n', 5),
        ('python', 'x = 1\n  y = 2\n', 12),
    ]


def test_anchors_are_those_of_github():
    assert anchors(PAGE) == ['one-two--three', 'again', 'again-1']


@pytest.mark.parametrize(
    'heading, anchor',
    [
        ("The authors' weights", 'the-authors-weights'),
        ('7. With labels of your own', '7-with-labels-of-your-own'),
        ('[Unreleased](x.md)', 'unreleased'),
        ('a_b: c/d', 'a_b-cd'),
    ],
)
def test_slug(heading, anchor):
    assert slug(heading) == anchor


@pytest.mark.parametrize(
    'text, deeper',
    [
        ('- a\n  b\n- c', '- a\n    b\n- c'),
        ('- a\n\n  b\n- c', '- a\n\n    b\n\n- c'),
        ('1. a\n\n   ```\n   x\n   ```\n', '1. a\n\n    ```\n    x\n    ```\n'),
        ('```\n- a\n  b\n```', '```\n- a\n  b\n```'),
        ('a\n\n    code', 'a\n\n    code'),
    ],
)
def test_lists_are_deepened(text, deeper):
    assert deepen_lists(text) == deeper
