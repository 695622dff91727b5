"""A room that one can walk around in; then the main job in small.

``make demo`` runs it. First the weights of the package complete a frame of a
synthetic room. Then rooms are made, a teacher, a baseline and a student are
trained on them and tested. Every step is a command of the project, printed
before it runs; what is there already is kept, so that an interrupted demo goes
on where it stopped.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from cleaners.fileio.json_file import read_object
from cleaners.utils.atomic_write import write_atomically
from cleaners.utils.checkpoint import find_best_checkpoint
from cleaners.utils.command_line import at_least, run_tool

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = dict(
    teacher='configs/cleaners_efflite0-d32_teacher_synth.py',
    baseline='configs/cleaners_efflite0-d32_baseline_synth.py',
    student='configs/cleaners_efflite0-d32_synth.py',
)
ROOM = 'demo/room'
ROOMS = 'SynthRooms'  # below the demo's folder
SHOWN = 3  # frames drawn of each model
TAIL = 30  # lines shown of a step that failed


def run_step(title: str, command: list[str], log: Path) -> None:
    """Run a command; its progress on the screen, all of it in a log.

    Args:
        title (str): What it does.
        command (list[str]): Script and arguments.
        log (Path): File for the whole output; appended to.
    """
    print(f'\n== {title}\n   python {shlex.join(command)}', flush=True)
    started = time.time()
    lines = []
    with (
        open(log, 'a', encoding='utf-8') as file,
        subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        for line in process.stdout:
            file.write(line)
            file.flush()
            lines.append(line)
            if 'Epoch(' in line and 'eta' in line:
                print('   ' + line[line.index('Epoch(') :].rstrip()[:110], flush=True)
    if process.returncode:
        print(''.join(lines[-TAIL:]), file=sys.stderr)
        sys.exit(f'error: "{title}" failed; the whole output is in {log}')
    print(f'   {time.time() - started:.0f} s', flush=True)


def show_room(out_dir: Path) -> None:
    """Complete the room in the repository with the weights of the package."""
    run_step(
        'complete a room with the weights of the package',
        [
            'demo/ssc_demo.py',
            f'{ROOM}/room.jpg',
            f'{ROOM}/room_depth.png',
            '--intrinsics',
            f'{ROOM}/intrinsics.txt',
            '--out-dir',
            str(out_dir / 'room'),
        ],
        out_dir / 'room.log',
    )
    page, panel = (out_dir / 'room' / f'room.{end}' for end in ('html', 'png'))
    print(
        f'   walk around in it, in a browser: {page.resolve()}\n'
        f'   photo, depth and scene: {panel.resolve()}',
        flush=True,
    )


def make_rooms(args: argparse.Namespace) -> None:
    """Make the synthetic rooms; finished ones are kept."""
    run_step(
        'synthetic rooms',
        [
            'tools/create_data.py',
            'synth',
            '--out-dir',
            str(args.out_dir / ROOMS),
            '--num-train',
            str(args.num_train),
            '--num-val',
            str(args.num_val),
            '--workers',
            str(os.cpu_count()),
        ],
        args.out_dir / 'rooms.log',
    )


def train(name: str, out_dir: Path) -> None:
    """Train one of the three models, or go on with it."""
    command = [
        'tools/train.py',
        CONFIGS[name],
        '--data-root',
        str(out_dir / ROOMS),
        '--work-dir',
        str(out_dir / name),
        '--resume',
    ]
    if name == 'student':
        teacher = out_dir / 'teacher'
        command += ['--cfg-options', f'model.teacher_ckpt={teacher}']
    run_step(f'train the {name}', command, out_dir / f'train_{name}.log')


def test(name: str, out_dir: Path, num_val: int) -> dict[str, float]:
    """Test one of the three models on so many rooms and draw some of them.

    Returns:
        dict[str, float]: Its scores in percent.
    """
    scores = out_dir / name / f'scores_of_{num_val}.json'
    best = Path(find_best_checkpoint(str(out_dir / name)))
    if not (scores.exists() and scores.stat().st_mtime > best.stat().st_mtime):
        run_step(
            f'test the {name}',
            [
                'tools/test.py',
                CONFIGS[name],
                str(out_dir / name),
                '--data-root',
                str(out_dir / ROOMS),
                '--work-dir',
                str(out_dir / name),
                '--out',
                str(scores),
                '--show-dir',
                str(out_dir / 'vis' / name),
                '--cfg-options',
                f'default_hooks.visualization.max_samples={SHOWN}',
            ],
            out_dir / f'test_{name}.log',
        )
    return read_object(scores)


def summarize(scores: dict[str, dict[str, float]]) -> dict[str, dict]:
    """Give the scores of each model plain names."""
    total = dict(
        sc_precision='sc/precision',
        sc_recall='sc/recall',
        sc_iou='sc/iou',
        ssc_miou='ssc/mIoU',
    )
    return {
        name: dict(
            {key: row[score] for key, score in total.items()},
            class_iou={
                key[len('ssc/') :]: value
                for key, value in row.items()
                if key.startswith('ssc/') and key != 'ssc/mIoU'
            },
        )
        for name, row in scores.items()
    }


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out-dir', type=Path, default=ROOT / 'work_dirs/demo')
    parser.add_argument('--num-train', type=at_least(1), default=20)
    parser.add_argument('--num-val', type=at_least(1), default=8)
    return parser.parse_args()


def main(args: argparse.Namespace) -> None:
    """Run all steps."""
    args.out_dir = args.out_dir.absolute()
    os.chdir(ROOT)
    args.out_dir.mkdir(parents=True, exist_ok=True)

    show_room(args.out_dir)
    make_rooms(args)
    for name in CONFIGS:
        train(name, args.out_dir)
    scores = {name: test(name, args.out_dir, args.num_val) for name in CONFIGS}

    text = json.dumps(summarize(scores), indent=2) + '\n'
    summary = args.out_dir / 'summary.json'
    write_atomically(summary, text.encode())

    from cleaners.evaluation.metrics.ssc_metric import format_scores

    print(f'\n{args.num_val} rooms that were not trained on, percent:')
    print(format_scores(scores))
    print(
        'The teacher sees a clean surface, the others what a sensor '
        'measures. So few iterations\nshow that everything runs, not which '
        'model is better: for that see\n'
        'docs/experiments/distillation_gain.md.'
    )
    print(f'summary: {summary}\npictures: {args.out_dir / "vis"}')


if __name__ == '__main__':
    run_tool(parse_args, main, 'what is done is kept, run the same command again')
