# Sourced by scripts that run a command next to programs of their own: starts the programs, and
# stops them when the script ends, in whatever way.

start_seconds=60
stop_seconds=20
logs=$(mktemp -d)
programs=()

# Usage: start NAME COMMAND...
# Starts a program with its own log and its own process group: a Ctrl-C reaches only the command,
# and the programs are stopped after the command has ended.
start() {
    local name=$1
    shift
    set -m
    "$@" >"$logs/$name" 2>&1 </dev/null &
    set +m
    programs+=($!)
}

# Usage: await CONDITION...
# Waits for a condition that the program started last will fulfil.
await() {
    local deadline=$((SECONDS + start_seconds))
    until "$@" >/dev/null 2>&1; do
        if ! kill -0 "${programs[-1]}" 2>/dev/null || ((SECONDS >= deadline)); then
            echo "waited in vain for: $*" >&2
            return 1
        fi
        sleep 0.1
    done
}

# Usage: start_runner ARGUMENT...
# Starts `cargo run` with these arguments on a free port, and exports the address as RUNNER.
start_runner() {
    local root
    root=$(dirname "${BASH_SOURCE[0]}")/..
    local run=(cargo run --quiet --manifest-path "$root/Cargo.toml" --)
    # Built first, since a build may take longer than a start is allowed to.
    "${run[@]}" --version >/dev/null
    start runner "${run[@]}" --port 0 --template "$root/template.yaml" "$@"
    await grep -q 'Waybill is up' "$logs/runner"
    RUNNER=$(sed -n 's/^ *HTTP *//p' "$logs/runner")
    export RUNNER
}

stop() {
    local group=$1 deadline=$((SECONDS + stop_seconds))
    kill -TERM -- "-$group" 2>/dev/null || true
    while kill -0 -- "-$group" 2>/dev/null; do
        if ((SECONDS >= deadline)); then
            kill -KILL -- "-$group" || true
            return
        fi
        sleep 0.1
    done
}

stop_all() {
    local status=$? i
    if ((status != 0 && ${#programs[@]})); then tail -n 25 "$logs"/* >&2; fi
    for ((i = ${#programs[@]} - 1; i >= 0; i--)); do stop "${programs[i]}"; done
    rm -rf "$logs"
}
trap stop_all EXIT
