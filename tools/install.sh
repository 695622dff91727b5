#!/usr/bin/env bash
# Create a virtual environment and install the project into it.
#
#   bash tools/install.sh [VENV]        (default: .venv)
#
# MMCV_OPS says which mmcv: 1 with its operators (compiled; for mmdet3d's other
# models), 0 mmcv-lite without them. Not set: what is there stays, and
# mmcv-lite where there is none.
#
# Safe to interrupt and to run again: finished steps are skipped or fast.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}
python=${PYTHON:-python3}
steps=0

say() { printf '== %s\n' "$*"; }
step() { steps=$((steps + 1)) && say "$steps/4 $*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Shared libraries that the wheels of OpenCV and numba load, by Debian package.
declare -A system_libs=(
    [libGL.so.1]=libgl1
    [libgthread-2.0.so.0]=libglib2.0-0
    [libgomp.so.1]=libgomp1
)

missing_packages() {
    local lib
    for lib in "${!system_libs[@]}"; do
        "$python" -c "import ctypes; ctypes.CDLL('$lib')" 2>/dev/null ||
            printf '%s ' "${system_libs[$lib]}"
    done
}

install_system_libs() {
    local packages
    packages=$(missing_packages)
    [ -n "$packages" ] || return 0
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        say "system libraries: $packages"
        apt-get update -q
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
            --no-install-recommends $packages
        packages=$(missing_packages)
    fi
    [ -z "$packages" ] || die "system libraries are missing; install them and" \
        "run this again: sudo apt-get install $packages"
}

pip=("$venv/bin/python" -m pip --disable-pip-version-check)
install=("${pip[@]}" install -q --no-warn-conflicts -c requirements/constraints.txt)
torch=$(grep '^torch==' requirements/mminstall.txt)
mmcv_lite=$(grep '^mmcv-lite==' requirements/mminstall.txt)
mmcv=${mmcv_lite/-lite/}

# mmcv and mmcv-lite share one folder: whichever is removed takes files of the
# other with it. So one alone counts, and both go before one is installed.
installed() {  # pip writes INSTALLER last: without it, it was interrupted
    "$venv/bin/python" -c "from importlib.metadata import distribution
assert distribution('$1').read_text('INSTALLER')" 2>/dev/null
}

has_operators() {
    ! installed mmcv-lite &&
        "$venv/bin/python" -c 'import torch, mmcv._ext' 2>/dev/null
}

remove_mmcv() {
    rm -rf "$venv/.installed" \
        "$venv"/lib*/python3*/site-packages/mmcv{,-*,_lite-*}
}

install_lite() {
    if installed mmcv || ! installed mmcv-lite; then remove_mmcv; fi
    "${install[@]}" "$mmcv_lite"
}

# Build mmcv, then put it in the place of the one that is there. Without debug
# symbols and with little optimization the build takes half the time.
install_operators() {  # [pip's options]
    local wheels=$venv/wheels
    "${install[@]}" ninja
    rm -rf "$wheels"
    CFLAGS="-g0 -O1 ${CFLAGS:-}" CXXFLAGS="-g0 -O1 ${CXXFLAGS:-}" \
        MAX_JOBS=${MAX_JOBS:-$(nproc)} "${pip[@]}" wheel "$@" \
        --no-build-isolation --no-deps -w "$wheels" "$mmcv" ||
        die "$mmcv was not built (see above; it needs a C++ compiler: sudo" \
            "apt-get install g++); MMCV_OPS=0 installs it without operators"
    remove_mmcv
    "${install[@]}" "$wheels"/mmcv-*.whl
    rm -rf "$wheels"
}

ensure_operators() {
    has_operators && return
    install_operators
    # pip's cache does not know for which torch a wheel was built
    has_operators || install_operators --no-cache-dir
    has_operators || die "$mmcv was installed without working operators;" \
        "remove $venv and run this again"
}

case ${MMCV_OPS:-} in
    '' | 0 | 1) ;;
    *) die "MMCV_OPS is 1 (with operators), 0 (without) or not set, but it" \
        "is '$MMCV_OPS'" ;;
esac
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' ||
    die "Python 3.11 or 3.12 is needed for the tested versions, but $python is" \
        "$("$python" -V 2>&1); set PYTHON=..., or install without them" \
        "(docs/installation.md)"
"$python" -c 'import ensurepip' 2>/dev/null ||
    die "this Python cannot make virtual environments; install its venv" \
        "package: sudo apt-get install python3-venv"
install_system_libs

step "virtual environment $venv"
# pip is what venv puts there last
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv "$venv"
"${install[@]}" -r requirements/build.txt

step "$torch"
"${install[@]}" "$torch"

if [ "${MMCV_OPS:-}" = 1 ]; then
    step "$mmcv with operators (compiled: ten minutes of a core)"
    ensure_operators
elif [ -z "${MMCV_OPS:-}" ] && has_operators; then
    step "mmcv with operators: kept as it is"
else
    step "$mmcv_lite (nothing to compile)"
    install_lite
fi

step "the project and its requirements, without Open3D and others that nothing uses"
"${install[@]}" -r requirements/runtime.txt -r requirements/photo.txt \
    -r requirements/tests.txt
kits=$(grep -v -e '^#' -e headless requirements/mmdet3d.txt)
# shellcheck disable=SC2086
"${install[@]}" --no-deps $kits
"${install[@]}" --no-deps --no-build-isolation -e .
"$venv/bin/python" -c 'import cleaners.register_modules' ||
    die "the installed package does not import; remove $venv and try again"
touch "$venv/.installed"
versions=$("${pip[@]}" list --format freeze |
    grep -E '^(torch|mmcv|mmcv-lite|mmengine|mmsegmentation|mmdet3d)==')
say "installed into $venv in $((SECONDS / 60)) min $((SECONDS % 60)) s:" \
    ${versions}
