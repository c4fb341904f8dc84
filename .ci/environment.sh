# Sourced by the scripts beside it: where downloads are kept, and how a tool
# that the machine lacks gets there.

# Outside the checkout, so that it serves every clone and none can commit it.
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
