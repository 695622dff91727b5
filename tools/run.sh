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
[ -f "$config" ] || { echo "error: config '$config' not found" >&2 && exit 1; }
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
        ! compgen -G "$1/epoch_*.pth" >/dev/null; }
}

# The config itself says where its teacher is and which config trains it. A
# file is there already, or misspelt: no folder to train the teacher into; so is
# a network of the package, by its name.
teacher=$("$python" -c '
import sys
from os.path import isdir
from mmengine.config import Config
cfg = Config.fromfile(sys.argv[1], import_custom_modules=False)
model = cfg.model.get("generator", cfg.model)
if "teacher_ckpt" not in model:
    sys.exit(f"error: {sys.argv[1]} has no teacher; train it by train.py")
teacher_ckpt = model.teacher_ckpt
if teacher_ckpt.endswith(".pth"):
    from cleaners.utils.checkpoint import find_best_checkpoint
    from cleaners.utils.errors import report_errors
    with report_errors():
        find_best_checkpoint(teacher_ckpt)
elif not isdir(teacher_ckpt):
    from cleaners.utils.shipped_weights import shipped_checkpoint
    teacher_ckpt = shipped_checkpoint(teacher_ckpt) or teacher_ckpt
print(teacher_ckpt, cfg.default_hooks.teacher.teacher_config, sep="\n")
' "$config")
{ IFS= read -r teacher_ckpt && IFS= read -r teacher_config; } <<<"$teacher"

# a training that is complete has nothing left to train when it is resumed
is_finished "$teacher_ckpt" ||
    launch train.py "$teacher_config" --work-dir "$teacher_ckpt" --resume
launch train.py "$config" --work-dir "$work_dir" --resume
launch test.py "$config" "$work_dir" --work-dir "$work_dir"
