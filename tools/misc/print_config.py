"""Print a config as it is used: ``print_config.py CONFIG``.

Bases are joined and --cfg-options applied, as tools/train.py does it; an
option with an unknown key is refused.
"""
import argparse
import tokenize


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        default=[],
        metavar='KEY=VALUE',
        help='override settings of the config')
    parser.add_argument(
        '--out',
        metavar='FILE.py',
        help='write it there, too: a config without bases')
    # what tools/train.py takes besides
    parser.set_defaults(launcher='none', work_dir=None)
    args = parser.parse_args()
    if args.out and not args.out.endswith('.py'):
        parser.error(f'--out should end in .py, but got {args.out}')
    return args


def main() -> None:
    args = parse_args()
    # after the arguments, so that --help answers at once
    from cleaners.utils.errors import report_errors
    with report_errors():
        print_config(args)


def print_config(args: argparse.Namespace) -> None:
    """Read, print, write."""
    from cleaners.engine.run_setup import load_config
    from cleaners.utils.atomic_write import write_atomically
    text = spell_floats(load_config(args).pretty_text)
    print(text, end='')
    if args.out:
        write_atomically(args.out, text.encode())


def spell_floats(text: str) -> str:
    """Write numbers that are not finite as Python reads them.

    Args:
        text (str): Of mmengine, with the names inf and nan in their place.
    """
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(iter(lines).__next__))
    # from the end, so that what is left stays where it is
    for token, following in reversed(list(zip(tokens, tokens[1:]))):
        if token.string in ('inf', 'nan') and following.string != '=':
            (row, start), (_, end) = token.start, token.end
            line, spelled = lines[row - 1], f"float('{token.string}')"
            lines[row - 1] = line[:start] + spelled + line[end:]
    return ''.join(lines)


if __name__ == '__main__':
    main()
