"""Drives the console at the runner whose URL is the first argument. A second argument is a folder
for screenshots."""

import json
import sys
import urllib.error
import urllib.request

from playwright.sync_api import expect, sync_playwright

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"
# The elements whose text is wider than they are, or which are wider than the page.
CUT = """() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll('body *')].filter((it) => it.getBoundingClientRect().right > innerWidth);
    found.push(`the page, by ${wide.map((it) => it.tagName + '.' + it.className).slice(0, 5)}`);
  }
  for (const it of document.querySelectorAll('h1, h2, h3, p, label, button, dd, dt, li, pre')) {
    if (it.offsetParent && it.scrollWidth > it.clientWidth + 1 && getComputedStyle(it).display !== 'inline')
      found.push(`${it.tagName} ${it.textContent.trim().slice(0, 40)}`);
  }
  return found;
}"""


def check(what, holds):
    if not holds:
        sys.exit(f"the console: {what}")


class Api:
    """Calls the API as operations."""

    def __init__(self, url):
        self.url = url
        self.token = self.call("POST", "/dev/token", {"role": "ops", "id": "otto"})["token"]

    def call(self, method, path, body=None):
        headers = {"content-type": "application/json"}
        if path != "/dev/token":
            headers["authorization"] = f"Bearer {self.token}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def place(self, **fields):
        customer = {"name": "Ada", "contact": "ada@example.org"}
        return self.call("POST", "/orders", {"merchant": "blue-bakery", "customer": customer, **fields})


def sign_in(page, url, person):
    page.goto(url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=person).click()
    expect(page.locator("#connection")).to_have_text("Live")


def watched(page, url, problems):
    """Notes the errors of a page, and its requests to other origins."""
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: problems.append(str(error)))
    # Chromium logs a refused step and a request that this check lets fail as errors too.
    expected = ("status of 4", "net::ERR_FAILED", "net::ERR_INTERNET_DISCONNECTED")
    is_error = lambda it: it.type == "error" and not any(text in it.text for text in expected)
    page.on("console", lambda it: problems.append(it.text) if is_error(it) else None)
    host = url.removeprefix("http://")
    own = (f"http://{host}", f"ws://{host}", "data:", "blob:")
    note = lambda it: None if it.url.startswith(own) else problems.append(f"a request to {it.url}")
    page.on("request", note)
    page.on("websocket", note)
    return page


def follow(page, api):
    """Orders come and go without a reload."""
    order = api.place(external_id="shop-1", metadata={"gift": HOSTILE})
    row = page.locator(f"tr[data-id='{order['id']}']")
    expect(row).to_contain_text("shop-1")
    expect(row).to_contain_text("created")
    other = api.place(external_id="van-2")
    expect(page.locator("#count")).to_have_text("2 of 2 open orders")
    page.get_by_label("Search").fill("shop")
    expect(page.locator("#count")).to_have_text("1 of 2 open orders")
    check(f"the filter is not in {page.url}", "q=shop" in page.url)
    page.get_by_label("Search").fill("")
    api.call("POST", f"/orders/{other['id']}/cancel", {"reason": "Twice."})
    expect(page.locator("#count")).to_have_text("1 of 1 open orders")
    return order


def lose_the_connection(page, api):
    """A page without a network says so, and afterwards shows what is stored."""
    minute = 60_000
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_contain_text("Offline since", timeout=minute)
    missed = api.place(external_id="missed-1")
    expect(page.locator("#count")).to_have_text("1 of 1 open orders")
    page.context.set_offline(False)
    expect(page.locator("#connection")).to_have_text("Live", timeout=minute)
    expect(page.locator("#count")).to_have_text("2 of 2 open orders")
    api.call("POST", f"/orders/{missed['id']}/cancel", {"reason": "Twice."})
    expect(page.locator("#count")).to_have_text("1 of 1 open orders")


def take_steps(page, api, order):
    """Offers the allowed steps, takes one, and shows what people wrote as text."""
    page.get_by_role("link", name="shop-1").press("Enter")
    pane = page.locator("#detail")
    expect(pane.get_by_role("heading", name="Order shop-1")).to_be_visible()
    steps = pane.locator(".steps button")
    allowed = api.call("GET", f"/orders/{order['id']}/allowed")["operations"]
    expect(steps).to_have_count(len(allowed))
    check("the buttons are not the allowed steps", [it.get_attribute("data-step") for it in steps.all()] == allowed)
    expect(pane).to_contain_text(HOSTILE)

    pane.get_by_role("button", name="assign", exact=True).click()
    pane.get_by_label("driver").fill("dora")
    pane.get_by_label("note").fill(HOSTILE)
    pane.locator("form button[type=submit]").click()
    expect(pane.get_by_text("Done: assign.")).to_be_visible()
    stored = api.call("GET", f"/orders/{order['id']}")
    check(f"the step is not stored: {stored}", (stored["status"], stored["driver"]) == ("driver_assigned", "dora"))
    expect(page.locator(f"tr[data-id='{order['id']}']")).to_contain_text("dora")
    expect(pane.locator(".history")).to_contain_text(HOSTILE)
    check("markup was parsed", page.title() != "owned" and pane.locator("img, dd b, p b").count() == 0)


def conflict(page, second, api, order):
    """Of two tabs that change one version, the second is told, and keeps what was written."""
    for tab in (page, second):
        tab.goto(f"{tab.url.split('?')[0]}?order={order['id']}")
        if tab.locator("#sign-in").is_visible() or not tab.locator("#desk").is_visible():
            tab.get_by_role("button", name="Sign in").click()
            tab.get_by_role("button", name="Olga").click()
        expect(tab.locator("#detail .steps button").first).to_be_visible()
    # The second tab reads nothing new until its second attempt, and its first attempt gets lost.
    posts = []

    def gate(route):
        posts.extend([route] if route.request.method == "POST" else [])
        route.continue_() if len(posts) > 1 else route.abort()

    second.route("**/orders/**", gate)
    second.locator("[data-step=cancel]").click()
    second.get_by_label("reason").fill("The customer called.")
    page.locator("[data-step=pickup]").click()
    page.locator("#detail form button[type=submit]").click()
    expect(page.get_by_text("Done: pickup.")).to_be_visible()
    second.locator("#detail form button[type=submit]").click()
    expect(second.locator("#detail .problem")).to_contain_text("The API does not respond")
    expect(second.locator("#detail form button[type=submit]")).to_be_enabled()
    second.locator("#detail form button[type=submit]").click()
    problem = second.locator("#detail .problem")
    expect(problem).to_contain_text("It has changed since you read it")
    expect(second.locator("#detail .said")).to_have_text("The order is picked up now; its history below says by whom.")
    expect(second.get_by_label("reason")).to_have_value("The customer called.")
    said = problem.inner_text()
    check("the conflict was overwritten", api.call("GET", f"/orders/{order['id']}")["status"] == "picked_up")
    # What is allowed now is offered, on the version that is stored now.
    expect(second.locator("[data-step=depart]")).to_be_visible()
    return said


def shoot(page, folder, name):
    """Takes pictures at both widths, and finds what does not fit."""
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        # A frame for the list to be laid out in.
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        found = page.evaluate(CUT)
        check(f"cut at {width} px on {name}: {found}", not found)
        if folder:
            page.screenshot(path=f"{folder[0]}/console-{name}-{width}.png")


def main():
    url, *folder = sys.argv[1:]
    problems = []
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work as root in a container.
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = watched(browser.new_page(), url, problems)
        page.goto(f"{url}/")
        shoot(page, folder, "start")
        page.get_by_role("link", name="Orders").click()
        sign_in(page, f"{url}/ops?q=", "Olga")
        expect(page.locator("#person")).to_have_text("olga")
        check(f"the code stays in {page.url}", "code=" not in page.url)
        kept = page.evaluate("() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])")
        check(f"something is kept: {kept}", kept == '[{},{},""]')
        expect(page.locator("#empty")).to_be_visible()
        shoot(page, folder, "empty")

        api = Api(url)
        order = follow(page, api)
        lose_the_connection(page, api)
        take_steps(page, api, order)
        shoot(page, folder, "order")
        second = watched(browser.new_context().new_page(), url, problems)
        sign_in(second, f"{url}/ops", "Olga")
        said = conflict(page, second, api, order)
        shoot(second, folder, "conflict")
        for number in range(60):
            api.place(external_id=f"bulk-{number}", customer={"name": "Ada", "contact": "12345", "reference": "c1"})
        page.goto(f"{url}/ops")
        page.emulate_media(color_scheme="dark")
        sign_in(page, f"{url}/ops", "Olga")
        expect(page.locator("#count")).to_have_text("61 of 61 open orders")
        check("all rows are elements", page.locator("#orders tbody tr").count() < 50)
        shoot(page, folder, "busy")
        browser.close()
    check(f"errors and foreign requests: {problems}", not problems)
    print(f"the console: {order['id']} came, was assigned and picked up; then: {said}")


main()
