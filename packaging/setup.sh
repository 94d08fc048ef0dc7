# Sets this folder up on a bare Debian 12. Sourced by ./run and ./check; POSIX sh, because nothing else is there yet.
#
# `set_up run` or `set_up check` installs what is missing and nothing else: system packages with apt-get, then `.venv`
# from the hash-pinned lock. `.venv/.set-up` is written last and says for which lock and folder `.venv` was finished; a
# second call compares it and returns at once. While `.venv` is being made the file says "unfinished", so a set-up that
# was interrupted is noticed and done again from the start (downloads are kept by pip). Two calls at once take turns by
# `flock`, which the kernel releases when its holder dies, however it dies.
#
# A set-up that cannot be completed says why and what to do, and exits with 2.

# Line by line: Qt without a display; its windows under X11; under Wayland; pyzbar; a font, without which Qt draws no
# text; the browser of tour and tests, what drives it, and what tells it whom to trust. Qt's were found with ldd on its
# platform plugins in a bare system.
SYSTEM_PACKAGES="libglib2.0-0 libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1
libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0
libwayland-cursor0 libwayland-egl1
libzbar0
fonts-noto-core
chromium chromium-driver libnss3-tools"

# What ./check needs besides: systemd-analyze, for the units.
CHECK_PACKAGES="systemd"

STAMP=.venv/.set-up
LOG=.venv/set-up.log

say() { printf 'atrium: %s\n' "$*" >&2; }

give_up() {
    say "$@"
    exit 2
}

# --- system packages -------------------------------------------------------------------------------------------------

is_installed() { # PACKAGE, or the name it has since Debian's move to 64-bit time
    for name in "$1" "$1t64"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] && return 0
    done
    return 1
}

missing_packages() { # Nothing where packages are not Debian's: their names would be wrong.
    command -v dpkg-query >/dev/null || return 0
    wanted=$SYSTEM_PACKAGES
    [ "$profile" != check ] || wanted="$wanted $CHECK_PACKAGES"
    find_python >/dev/null || wanted="$wanted python3 python3-venv"
    for package in $wanted; do
        is_installed "$package" || printf '%s ' "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"; }

apt_install() { # PACKAGES. Old lists name versions that are gone; without a network, what is cached may still do.
    apt_log=$(mktemp) || give_up "no room for a temporary file."
    (apt_get update; apt_get install --no-install-recommends "$@") >"$apt_log" 2>&1
    code=$?
    [ $code = 0 ] || tail -n 15 "$apt_log" >&2
    rm -f "$apt_log"
    return $code
}

may_become_root() { # Root, or sudo that works without a question, or a terminal to ask it on.
    [ "$(id -u)" = 0 ] && return 0
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null || [ -t 0 ]
}

install_missing_packages() {
    command -v dpkg-query >/dev/null ||
        say "this is no Debian. If something fails to load, install what these packages hold: $SYSTEM_PACKAGES"
    missing=$(missing_packages)
    missing=${missing% }
    [ -n "$missing" ] || return 0
    by_hand="apt-get update && apt-get install --no-install-recommends $missing"
    may_become_root ||
        give_up "these system packages are missing: $missing. Neither root nor sudo is at hand to install them." \
            "Ask somebody who may: $by_hand"
    say "installing the missing system packages (one to three minutes, 235 MB): $missing"
    # shellcheck disable=SC2086 # the list is meant to be split
    apt_install $missing && return 0
    say "that did not work; finishing what an interrupted installation may have left, and trying once more."
    as_root env DEBIAN_FRONTEND=noninteractive dpkg --configure -a >&2
    # shellcheck disable=SC2086
    apt_install $missing ||
        give_up "the system packages could not be installed; apt-get says why above. By hand: $by_hand"
}

# --- Python ----------------------------------------------------------------------------------------------------------

find_python() { # Print a Python 3.11 that can make virtual environments.
    for candidate in python3.11 python3 /usr/bin/python3.11 /usr/bin/python3; do
        "$candidate" - 2>/dev/null <<'PYTHON' && return 0
import ensurepip, sys, venv
if sys.version_info[:2] != (3, 11):
    sys.exit(1)
print(sys.executable)
PYTHON
    done
    return 1
}

digest() { cat requirements/*.lock pyproject.toml packaging/setup.sh | sha256sum | cut -d ' ' -f 1; }

# The stamp is one line: what for (run or check), the digest, the folder (a moved .venv has wrong paths inside).
stamp_says() { # PROFILE
    [ "$(cat $STAMP 2>/dev/null)" = "$1 $(digest) $(pwd -P)" ]
}

is_set_up() { # PROFILE; what suffices to check suffices to run
    stamp_says check || { [ "$1" = run ] && stamp_says run; } || return 1
    .venv/bin/python -c '' 2>/dev/null
}

venv_is_usable() { # Finished before and for this folder, or made by hand.
    [ -x .venv/bin/python ] || return 1
    if [ -e $STAMP ]; then
        case $(cat $STAMP) in *" $(pwd -P)") ;; *) return 1 ;; esac
    fi
    .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null
}

make_venv() {
    [ ! -e .venv ] || [ -e $STAMP ] ||
        give_up ".venv was not made by this command and is no Python 3.11 with pip. Move it away and run this again."
    system_python=$(find_python) || give_up "no Python 3.11 with the venv module was found. Install Debian's python3-venv," \
        "or put another python3.11 on the PATH, and run this again."
    say "making .venv with $system_python"
    { rm -rf .venv && mkdir .venv && echo unfinished >$STAMP; } ||
        give_up "cannot write .venv in $(pwd -P): run this as the folder's owner, $(stat -c %U .)."
    "$system_python" -m venv .venv >&2 || give_up "making .venv failed; Python says why above."
}

count_packages() { # Read pip's output, keep it in the log, and count along on a terminal.
    count=0
    while IFS= read -r line; do
        printf '%s\n' "$line" >>$LOG
        case $line in Collecting*) count=$((count + 1)) ;; esac
        if [ -t 2 ]; then
            case $line in
            Collecting*) printf '\r\033[Katrium: package %d of %d' $count "$1" >&2 ;;
            Installing*) printf '\r\033[Katrium: unpacking' >&2 ;;
            esac
        fi
    done
    if [ -t 2 ]; then printf '\r\033[K' >&2; fi
}

pip_install() { # ARGUMENTS of pip install. A pipe would hide its exit code, so that goes through a file.
    total=$(grep -c == "requirements/$profile.lock")
    { .venv/bin/python -m pip install --no-input --progress-bar off "$@" 2>&1; echo $? >.venv/pip-exit-code; } |
        count_packages "$total"
    [ "$(cat .venv/pip-exit-code)" = 0 ] && return 0
    tail -n 15 $LOG >&2
    give_up "the Python packages could not be installed; the lines above are the end of $LOG. Usual causes: no way" \
        "to the package index, a proxy, a full disk. Run this again afterwards; what was downloaded is kept."
}

install_python_packages() {
    if venv_is_usable; then
        say "bringing .venv up to date with the lock"
    else
        make_venv
        say "installing the Python packages (one to three minutes, $1 MB to download)"
    fi
    echo unfinished >$STAMP || give_up "cannot write .venv: run this as its owner, $(stat -c %U .venv)."
    : >$LOG
    # Settings of the caller that would lead pip out of .venv; where packages come from stays the caller's choice.
    unset PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_CONSTRAINT PIP_REQUIREMENT PIP_NO_DEPS PIP_NO_BINARY
    unset PIP_REQUIRE_HASHES PYTHONPATH PYTHONHOME
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_USER=0
    pip_install --require-hashes --only-binary :all: -r "requirements/$profile.lock"
    case $profile in
    run) pip_install --require-hashes --only-binary :all: -r requirements/tour.lock ;;
    check) pip_install --require-hashes --only-binary :all: --no-deps -r requirements/axe.lock ;;
    esac
    pip_install --no-deps --no-build-isolation --editable .
    echo "$profile $(digest) $(pwd -P)" >$STAMP || give_up "cannot write $STAMP: is the disk full?"
}

# --- the two together ------------------------------------------------------------------------------------------------

interrupted() {
    [ -z "${apt_log-}" ] || rm -f "$apt_log"
    say "set-up interrupted; run the same command again to continue."
    trap - INT
    kill -INT $$
}

set_up() { # PROFILE: run or check
    profile=$1
    case $profile in run) megabytes=225 ;; check) megabytes=275 ;; esac
    if is_set_up "$profile" && [ -z "$(missing_packages)" ]; then return 0; fi
    [ -w packaging/setup.sh ] || give_up "cannot write in $(pwd -P): run this as its owner, $(stat -c %U .)."
    trap interrupted INT
    exec 9<>packaging/setup.sh
    flock -n 9 || { say "another set-up of this folder is at work; waiting for it." && flock 9; }
    install_missing_packages
    is_set_up "$profile" || install_python_packages "$megabytes"
    exec 9>&-
    trap - INT
    say "set up."
}
