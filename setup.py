"""Installation of the CleanerS project (``pip install -e .``)."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
# in each a package, or several
PROJECTS = ('projects/CleanerS', 'projects/AMMNet', 'projects/Sketch3D')
PACKAGES = {
    name: f'{project}/{name.replace(".", "/")}'
    for project in PROJECTS
    for name in find_packages(project)
}


def read_version() -> str:
    """Read ``__version__`` without importing the package."""
    scope = {}
    exec((ROOT / PACKAGES['cleaners'] / 'version.py').read_text(), scope)
    return scope['__version__']


def read_requirements(name: str) -> list:
    """Return the requirement lines of ``requirements/{name}.txt``."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    return [line for line in lines if line and not line.startswith('#')]


setup(
    name='cleaners-ssc',
    version=read_version(),
    description='CleanerS: semantic scene completion for OpenMMLab',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache License 2.0',
    packages=list(PACKAGES),
    package_dir=PACKAGES,
    package_data={
        'cleaners': ['py.typed', 'weights/*.pth', 'visualization/assets/*'],
        'ammnet': ['py.typed'],
        'sketch3d': ['py.typed'],
    },
    python_requires='>=3.9,<3.13',
    install_requires=read_requirements('runtime'),
    extras_require={
        name: read_requirements(name)
        for name in ('browser', 'dask', 'export', 'lite', 'photo', 'serve', 'tests')
    },
    zip_safe=False,
)
