"""Runs what `.ci/build-binaries` built: each function answers real events under
AWS's emulator of Lambda, with a real DynamoDB behind it, as scenario.py has it;
and none is larger, slower to start or hungrier than figures.py allows.
`.ci/check-binaries` starts this."""

import sys

import figures
from connections import Connections
from deployment import Fault, functions, hello
from emulator import Emulator
from runner import Runner
from scenario import Scenario


def answers(emulators, runner, connections):
    """Has each function answer its events."""
    scenario = Scenario(emulators)
    scenario.hello()
    scenario.authorize_by_token(runner.token)
    # The runner has its own relay, which would also post to the connection made here.
    runner.stop()
    scenario.contract()
    scenario.console()
    scenario.settings()
    scenario.stores()
    scenario.drivers()
    scenario.order()
    scenario.connection()
    scenario.relay(connections.posts)
    scenario.positions()
    scenario.webhooks()
    scenario.dispatch()
    scenario.sweep()
    if idle := emulators.keys() - scenario.called:
        raise Fault(f"{', '.join(sorted(idle))}: scenario.py has no event for it")


def measure(programs, deployed, emulators):
    """The figures of each function, and of the first, by which the others' are judged."""
    zips = {function.name: figures.zipped(function.bootstrap) for function in deployed}
    for function in programs:
        poll, hellos = figures.first_polls(function, programs[0])
        yield figures.Figures(
            name=function.name,
            zip_arm64=zips.get(function.name),
            zip_x86_64=figures.zipped(function.bootstrap),
            poll=poll,
            poll_ratio=poll / hellos,
            memory=emulators[function.name].memory(),
        )


def main():
    connections, runner = Connections(), Runner()
    emulators = {}
    try:
        claims = runner.claims()
        given = {
            "ISSUER": claims["iss"],
            "AUDIENCE": claims["aud"],
            "LIVE_ENDPOINT": connections.url(),
            "RELAY_FAILURES_URL": connections.url(),
            "OUTBOX_FAILURES_URL": connections.url(),
            "DISPATCH_QUEUE_URL": connections.url(),
            "WEBHOOK_QUEUE_URL": connections.url(),
            "SLOW_WEBHOOK_QUEUE_URL": connections.url(),
            "SLOW_WEBHOOK_QUEUE_ARN": "any",
            "LIVE_URL": "wss://live.example/live",
            "SIGN_IN_ORIGIN": "https://login.example",
            "STACK_SECRET": "any",
        }
        programs = [hello(), *functions("x86_64", given)]
        deployed = list(functions("arm64", given))
        for function in programs:
            emulators[function.name] = Emulator(function)
        answers(emulators, runner, connections)
        measured = list(measure(programs, deployed, emulators))
    finally:
        runner.stop()
        for emulator in emulators.values():
            emulator.stop()
    figures.show(measured)
    if over := list(figures.over_limits(measured[1:])):
        raise Fault("\n".join(over))


try:
    main()
except Fault as fault:
    sys.exit(str(fault))
