#!/usr/bin/env bash
# Train with one process for each GPU (docs/distributed.md).
#
#   bash tools/dist_train.sh CONFIG GPUS [arguments of tools/train.py]
#
# On several machines: the same on each, with NNODES, NODE_RANK (from 0),
# MASTER_ADDR and PORT (default: 29500) in the environment.
set -euo pipefail
source "$(dirname "$0")/launch.sh"
[ $# -ge 2 ] || usage
run_processes "$2" train.py "$1" "${@:3}"
