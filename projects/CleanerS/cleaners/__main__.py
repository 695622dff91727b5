"""The tools, from any folder: ``python -m cleaners train CONFIG ...``."""

import runpy
import sys

from cleaners.utils.package_files import list_tools


def main() -> None:
    """Run the tool that the first argument names, with the others."""
    tools, (name, *rest) = list_tools(), sys.argv[1:] or ['--help']
    if name not in tools:
        listed = '\n'.join(f'  {tool}' for tool in tools)
        print(f'python -m cleaners TOOL ...; --help behind one tells more\n\n{listed}')
        sys.exit(0 if name in ('-h', '--help') else f"there is no tool '{name}'")
    path = tools[name]
    sys.argv = [str(path), *rest]
    # as if it had been called by its path
    sys.path.insert(0, str(path.parent))
    runpy.run_path(str(path), run_name='__main__')


if __name__ == '__main__':
    main()
