# How run.sh, dist_*.sh and slurm_*.sh start processes: sourced by them.
tools=$(dirname "${BASH_SOURCE[0]}")
python=${PYTHON:-python}

# Print what the head of the calling script says, and leave.
usage() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

require_number() {
    [[ $2 =~ ^[1-9][0-9]*$ ]] && return
    echo "error: $1 should be a number from 1 on, but got '$2'" >&2
    usage
}

# Several processes would each start as many threads as there are cores.
limit_threads() {
    export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
    export MKL_NUM_THREADS=${MKL_NUM_THREADS:-1}
}

# run_processes GPUS SCRIPT [args]: a process for each GPU of this machine.
run_processes() {
    local gpus=$1 script=$2 nodes=${NNODES:-1} meet
    shift 2
    require_number GPUS "$gpus"
    require_number NNODES "$nodes"
    limit_threads
    if [ "$nodes" -eq 1 ] && [ -z "${PORT:-}" ]; then
        meet=(--standalone) # at a port that is free
    else
        meet=(--nnodes="$nodes" --node_rank="${NODE_RANK:-0}"
            --master_addr="${MASTER_ADDR:-127.0.0.1}"
            --master_port="${PORT:-29500}")
    fi
    "$python" -m torch.distributed.run "${meet[@]}" \
        --nproc_per_node="$gpus" "$tools/$script" "$@" --launcher pytorch
}

# run_slurm PARTITION JOB_NAME SCRIPT [args]: a task for each GPU.
run_slurm() {
    local partition=$1 job_name=$2 script=$3 gpus=${GPUS:-2} per_node
    shift 3
    require_number GPUS "$gpus"
    per_node=${GPUS_PER_NODE:-$((gpus < 8 ? gpus : 8))}
    require_number GPUS_PER_NODE "$per_node"
    limit_threads
    # SRUN_ARGS is unquoted: it holds any number of options
    srun -p "$partition" --job-name="$job_name" --gres=gpu:"$per_node" \
        --ntasks="$gpus" --ntasks-per-node="$per_node" \
        --cpus-per-task="${CPUS_PER_TASK:-5}" --kill-on-bad-exit=1 \
        ${SRUN_ARGS:-} "$python" -u "$tools/$script" "$@" --launcher slurm
}
