#!/usr/bin/env bash
# Train on a cluster that slurm manages (docs/distributed.md).
#
#   bash tools/slurm_train.sh PARTITION JOB_NAME CONFIG WORK_DIR \
#       [arguments of tools/train.py]
#
# In the environment: GPUS (default: 2), GPUS_PER_NODE (GPUS, at most 8),
# CPUS_PER_TASK (5), SRUN_ARGS (more options of srun).
set -euo pipefail
source "$(dirname "$0")/launch.sh"
[ $# -ge 4 ] || usage
run_slurm "$1" "$2" train.py "$3" --work-dir "$4" "${@:5}"
