#!/usr/bin/env bash
# Test with one process for each GPU (docs/distributed.md).
#
#   bash tools/dist_test.sh CONFIG CHECKPOINT GPUS [arguments of tools/test.py]
#
# On several machines: the same on each, with NNODES, NODE_RANK (from 0),
# MASTER_ADDR and PORT (default: 29500) in the environment.
set -euo pipefail
source "$(dirname "$0")/launch.sh"
[ $# -ge 3 ] || usage
run_processes "$3" test.py "$1" "$2" "${@:4}"
