# Sourced by the scripts in this folder: the cache for downloads, the installation of missing
# tools, and the choice of a free port.

# Outside the checkout, so that all clones share it and none can commit it.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/waybill-ci

# Usage: require PACKAGE CHECK...
# Installs a Debian package if CHECK fails without it.
require() {
    local package=$1
    shift
    if "$@" >/dev/null 2>&1; then return; fi
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        echo "'$*' fails: install what Debian calls $package, then run this again" >&2
        return 1
    fi
    echo "installing $package" >&2
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >&2
}

# Prints a free port of 127.0.0.1.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
