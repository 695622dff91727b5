#!/usr/bin/env bash
# Train and test a distilled model: teacher (unless its checkpoint is there),
# student, test. Interrupted, it goes on where it stopped.
#
#   bash tools/run.sh configs/cleaners_b2.py [GPUS]
set -euo pipefail
source "$(dirname "$0")/launch.sh"
[ $# -ge 1 ] || usage
config=$1
gpus=${2:-1}
require_number GPUS "$gpus"
work_dir=work_dirs/$(basename "$config" .py)

launch() {
    if [ "$gpus" -gt 1 ]; then
        run_processes "$gpus" "$@"
    else
        "$python" "$tools/$1" "${@:2}"
    fi
}

# A file, or a work dir with a best checkpoint and no training to go on with.
is_finished() {
    [ -f "$1" ] || { compgen -G "$1/best_*.pth" >/dev/null &&
        ! compgen -G "$1/epoch_*.pth" >/dev/null &&
        ! compgen -G "$1/iter_*.pth" >/dev/null; }
}

# The config itself says where its teacher is and which config trains it.
teacher=$("$python" -c 'import sys; from cleaners.engine import teacher_source
teacher_source.print_teacher(sys.argv[1])' "$config")
{ IFS= read -r teacher_ckpt && IFS= read -r teacher_config; } <<<"$teacher"

# a training that is complete has nothing left to train when it is resumed
is_finished "$teacher_ckpt" ||
    launch train.py "$teacher_config" --work-dir "$teacher_ckpt" --resume
launch train.py "$config" --work-dir "$work_dir" --resume
launch test.py "$config" "$work_dir" --work-dir "$work_dir"
