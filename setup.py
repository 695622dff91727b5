"""Installation of the CleanerS project (``pip install -e .``)."""

import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
# in each a package, or several
PROJECTS = (
    'projects/CleanerS',
    'projects/AMMNet',
    'projects/Sketch3D',
    'projects/CVSformer',
)
PACKAGES = {
    name: f'{project}/{name.replace(".", "/")}'
    for project in PROJECTS
    for name in find_packages(project)
}
# where OpenMMLab's packages have what MIM looks for
MIM = 'cleaners/.mim'
MIM_FILES = ('configs', 'tools', 'demo/ssc_demo.py', 'model-index.yml')
EXTRAS = ('browser', 'dask', 'export', 'lite', 'notebook', 'photo', 'serve', 'tests')


class BuildWithConfigs(build_py):
    """Build the packages, with configs and tools beside the modules."""

    def run(self) -> None:
        """Build; an editable install reads the repository's own files."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib, MIM)
        shutil.rmtree(target, ignore_errors=True)
        metafiles = [
            str(path.relative_to(ROOT)) for path in ROOT.glob('projects/*/metafile.yml')
        ]
        for name in (*MIM_FILES, *metafiles):
            source, copy = ROOT / name, target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                ignored = shutil.ignore_patterns('__pycache__')
                shutil.copytree(source, copy, ignore=ignored)
            else:
                shutil.copy2(source, copy)


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
    license='Apache-2.0',
    classifiers=[
        'Intended Audience :: Science/Research',
        'Operating System :: POSIX :: Linux',
        'Programming Language :: Python :: 3',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
        'Typing :: Typed',
    ],
    keywords='semantic scene completion, RGB-D, voxels, distillation, OpenMMLab',
    packages=list(PACKAGES),
    package_dir=PACKAGES,
    package_data={
        '': ['py.typed'],
        'cleaners': ['weights/*.pth', 'visualization/assets/*'],
    },
    python_requires='>=3.9,<3.13',
    install_requires=read_requirements('runtime') + read_requirements('mmdet3d'),
    extras_require={name: read_requirements(name) for name in EXTRAS},
    cmdclass={'build_py': BuildWithConfigs},
    zip_safe=False,
)
