"""Serves a page with the JavaScript client at the port that is the second argument, and uses the
page in Chromium, at the runner whose URL is the first argument."""

import datetime
import functools
import http.server
import json
import pathlib
import sys
import threading
import time
import urllib.request

from playwright.sync_api import Error, sync_playwright

CLIENT = pathlib.Path(__file__).parent.parent / "clients" / "js"

PAGE = """<!doctype html><title>Orders</title><script type="module">
  import { follow } from './live.js';
  globalThis.follow = follow;
</script>"""

FOLLOW = """([api, token]) => {
  const seen = globalThis.seen = {};
  globalThis.live = follow('merchant:blue-bakery', {
    url: api.replace('http', 'ws') + '/live',
    ticket: async () => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${api}/live/tickets`, { method: 'POST', headers });
      return (await response.json()).ticket;
    },
    onOrder: (order) => seen[order.id] = order,
    onCurrent: () => globalThis.isCurrent = true,
  });
}"""

CALL = """async ([url, method, token, headers, body]) => {
  const all = { ...headers, ...(token && { authorization: `Bearer ${token}` }) };
  if (body) all['content-type'] ??= 'application/json';
  const response = await fetch(url, { method, headers: all, body: body && JSON.stringify(body) });
  return [response.status, Object.fromEntries(response.headers), await response.text()];
}"""


class Site(http.server.SimpleHTTPRequestHandler):
    """The page, and the client's files beside it."""

    def do_GET(self):
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *_):
        pass


OPS = {"role": "ops", "id": "olga"}

# A name that Chromium resolves to 127.0.0.1.
REBOUND = "rebound.example"


def check(what, holds):
    if not holds:
        sys.exit(f"the page: {what}")


def token(api, **person):
    """A page cannot read the runner's tokens: its user has one already."""
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{api}/dev/token", json.dumps(person).encode(), headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response)["token"]


class User:
    """Calls the API in a page."""

    def __init__(self, page, api, who):
        self.page, self.api, self.token = page, api, who

    def call(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        arguments = [self.api + path, method, self.token, headers, body]
        status, headers, text = self.page.evaluate(CALL, arguments)
        return status, headers, json.loads(text) if text else None

    def awaits(self, order, version):
        condition = "([id, version]) => globalThis.seen[id]?.version >= version"
        self.page.wait_for_function(condition, arg=[order, version])


def use(page, api, address):
    merchant = token(api, role="merchant", id="maria", merchant="blue-bakery")
    page.goto(address)
    page.wait_for_function("() => Boolean(globalThis.follow)")
    page.evaluate(FOLLOW, [api, merchant])
    page.wait_for_function("() => globalThis.isCurrent")

    maria = User(page, api, merchant)
    body = {"customer": {"name": "Ada", "contact": "ada@example.org"}}
    status, headers, order = maria.call("POST", "/orders", body, idempotency_key="cart-1")
    check(f"a creation is {status}", status == 201)
    path = f"/orders/{order['id']}"
    check("it can read where the order is", headers.get("location") == path)
    maria.awaits(order["id"], 1)
    again = maria.call("POST", "/orders", body, idempotency_key="cart-1")
    check("it can read that it is a replay", again[1].get("idempotent-replayed") == "true")

    status, headers, _ = maria.call("GET", path)
    check(f"the order is {status}", status == 200)
    moved = {"status": "picked_up"}
    status, _, _ = maria.call("PATCH", f"{path}/status", moved, if_match=headers["etag"])
    check(f"a change is {status}", status == 200)
    maria.awaits(order["id"], 2)
    etag = maria.call("GET", path)[1]["etag"]
    status, _, _ = maria.call("GET", path, if_none_match=etag)
    check(f"an order that it has is {status}", status == 304)

    # The browser's own cache, with two people at one machine.
    support = User(page, api, token(api, role="support", id="sam"))
    own, masked = maria.call("GET", path)[2], support.call("GET", path)[2]
    check("support reads what the merchant was sent", own["customer"] != masked["customer"])

    status, _, problem = User(page, api, None).call("GET", path)
    check(f"it cannot read a 401: {status} {problem}", status == 401)
    print(f"the page: placed, saw and moved {order['id']} from {address}")


def follow_a_driver(page, api, address):
    """The example page of a customer, whose order is on the way."""
    ops = User(page, api, token(api, **OPS))
    driver = {"driver": "dora", "name": "Dora Miles", "vehicle": {"kind": "car"}}
    customer = {"name": "Ada", "contact": "ada@example.org", "reference": "ada"}
    for method, path, body in (
        ("POST", "/drivers", driver),
        ("PUT", "/drivers/dora/duty", {"on_duty": True}),
        ("POST", "/orders", {"merchant": "blue-bakery", "customer": customer}),
    ):
        status, _, made = ops.call(method, path, body)
        check(f"{method} {path} is {status}: {made}", status in (200, 201))
    order = made["id"]
    for step, body in ("assign", {"driver": "dora"}), ("pickup", {}), ("depart", {}):
        status, _, made = ops.call("POST", f"/orders/{order}/{step}", body)
        check(f"{step} is {status}: {made}", status == 200)
    ada = token(api, role="customer", id="ada", merchant="blue-bakery", reference="ada")
    # Another document, so that the fragment is read anew.
    page.goto("about:blank")
    page.goto(f"{address}examples/marker.html#{api},{order},{ada}")
    places = []
    for lat in 51.5, 51.5004:
        # The fix is of a later second than the pickup and the last fix.
        time.sleep(1)
        at = datetime.datetime.now(datetime.timezone.utc).isoformat()
        fix = {"at": at, "lat": lat, "lng": -0.12, "accuracy": 5, "heading": 0}
        body = json.dumps({"fixes": [fix]}).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {ops.token}"}
        request = urllib.request.Request(f"{api}/drivers/dora/positions", body, headers)
        with urllib.request.urlopen(request) as response:
            check(f"a position is {response.status}", json.load(response)["accepted"] == 1)
        moved = "(places) => !places.includes(document.querySelector('#marker').style.transform)"
        page.wait_for_function(moved, arg=["", *places])
        places.append(page.evaluate("document.querySelector('#marker').style.transform"))
    shown = page.evaluate("document.querySelector('#marker').getAttribute('visibility')")
    check(f"the marker is {shown}", shown == "visible")
    # 0.0004 degrees north are 44 m, and a unit is 20.
    check(f"the marker was at {places}", "0px, 0px" in places[0] and ", -2.2" in places[1])
    print(f"the page: the marker of {order} moved: {places}")


def be_refused(page, api, address):
    """The same page at an origin that is not allowed."""
    page.goto(address)
    for method, path, body in ("GET", "/health", None), ("POST", "/dev/token", OPS):
        try:
            answer = page.evaluate(CALL, [api + path, method, None, {}, body])
        except Error:
            continue
        check(f"any page can read {method} {path}: {answer}", False)


def be_rebound(page, api):
    """A page whose name resolves to the runner, so that the browser takes both for one origin."""
    rebound = api.replace("127.0.0.1", REBOUND)
    check("the runner serves a foreign name", page.goto(f"{rebound}/docs").status == 421)
    for headers in {}, {"content-type": "text/plain"}:
        call = [f"{rebound}/dev/token", "POST", None, headers, OPS]
        status, _, text = page.evaluate(CALL, call)
        check(f"a rebound page gets a token: {status} {text}", status == 421)


def main():
    api, port = sys.argv[1:]
    site = functools.partial(Site, directory=CLIENT)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work as root in a container.
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1"],
        )
        page = browser.new_page()
        page.set_default_timeout(30_000)
        use(page, api, f"http://127.0.0.1:{port}/")
        follow_a_driver(page, api, f"http://127.0.0.1:{port}/")
        be_refused(page, api, f"http://localhost:{port}/")
        be_rebound(page, api)
        browser.close()


main()
