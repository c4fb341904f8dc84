# Sourced by run and run-long: runs checks in steps, and reports at the end how long each step
# took, or which step failed.

current=
finished=()

# Usage: step NAME COMMAND...
step() {
    current=$1
    shift
    local started=$SECONDS
    printf '\n== %s: %s\n' "$current" "$*"
    "$@"
    finished+=("$(printf '%-28s %5d s' "$current" $((SECONDS - started)))")
    current=
}

report() {
    local status=$?
    printf '\n'
    if ((${#finished[@]})); then printf '%s\n' "${finished[@]}"; fi
    printf '%-28s %5d s\n' total "$SECONDS"
    if ((status == 0)); then
        echo "$0: every step succeeded"
    else
        echo "$0: FAILED at step '$current' (exit status $status)"
    fi
}
trap report EXIT
