#!/usr/bin/env bash
# Test on a cluster that slurm manages (docs/distributed.md).
#
#   bash tools/slurm_test.sh PARTITION JOB_NAME CONFIG CHECKPOINT \
#       [arguments of tools/test.py]
#
# In the environment: GPUS (default: 2), GPUS_PER_NODE (GPUS, at most 8),
# CPUS_PER_TASK (5), SRUN_ARGS (more options of srun).
set -euo pipefail
source "$(dirname "$0")/launch.sh"
[ $# -ge 4 ] || usage
run_slurm "$1" "$2" test.py "$3" "$4" "${@:5}"
