#!/usr/bin/env bash
# Create a virtual environment and install the project into it.
#
#   bash tools/install.sh [VENV]        (default: .venv)
#
# Safe to interrupt and to run again: finished steps are skipped or fast.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}
python=${PYTHON:-python3}

say() { printf '== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Shared libraries that the wheels of OpenCV and Open3D load, by Debian package.
declare -A system_libs=(
    [libGL.so.1]=libgl1
    [libgthread-2.0.so.0]=libglib2.0-0
    [libEGL.so.1]=libegl1
    [libusb-1.0.so.0]=libusb-1.0-0
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

"$python" -c 'import sys; sys.exit(not (3, 9) <= sys.version_info[:2] < (3, 13))' ||
    die "Python 3.9 to 3.12 is needed (3.11 is what the project is tested" \
        "with), but $python is $("$python" -V 2>&1); set PYTHON=..."
"$python" -c 'import ensurepip' 2>/dev/null ||
    die "this Python cannot make virtual environments; install its venv" \
        "package: sudo apt-get install python3-venv"
install_system_libs

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
pip=("$venv/bin/python" -m pip --disable-pip-version-check install -q
     -c requirements/constraints.txt)

say "build tools and torch"
"${pip[@]}" -r requirements/build.txt
"${pip[@]}" "$(grep '^torch==' requirements/mminstall.txt)"

mmcv_works() {
    "$venv/bin/python" -c 'import torch, mmcv._ext' 2>/dev/null
}
if ! mmcv_works; then
    say "mmcv (the first build takes about a quarter of an hour on two cores)"
    mmcv=$(grep '^mmcv==' requirements/mminstall.txt)
    export MAX_JOBS=${MAX_JOBS:-$(nproc)}
    "${pip[@]}" --no-build-isolation "$mmcv"
    # pip's cache does not know for which torch a wheel was built.
    mmcv_works || "${pip[@]}" --no-build-isolation --no-cache-dir \
        --force-reinstall --no-deps "$mmcv"
    mmcv_works || die "mmcv was installed without working operators;" \
        "remove $venv and run this again"
fi

say "the project and its requirements"
"${pip[@]}" --no-build-isolation -e '.[tests]'
"$venv/bin/python" -c 'import cleaners' ||
    die "the installed package does not import; remove $venv and try again"
touch "$venv/.installed"
say "installed into $venv"
