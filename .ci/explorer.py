"""Drives the API explorer at the runner whose URL is the first argument. A second argument is
a folder for screenshots at two widths."""

import json
import sys

from playwright.sync_api import expect, sync_playwright


def execute(page, operation, body, parameters=()):
    """Opens an operation and tries it out; its status and its response's body."""
    block = page.locator(f"[id$='-{operation}']")
    block.locator(".opblock-summary-control").click()
    # Waits for the button, which comes only when the operation's references are resolved.
    block.get_by_role("button", name="Try it out").click()
    for name, value in parameters:
        block.locator(f"tr[data-param-name='{name}'] input").fill(value)
    block.locator("textarea.body-param__text").fill(json.dumps(body))
    block.get_by_role("button", name="Execute").click()
    response = block.locator(".live-responses-table .response")
    status = response.locator(".response-col_status").first.inner_text().split()[0]
    return int(status), json.loads(response.locator("pre").first.inner_text())


def check(what, holds):
    if not holds:
        sys.exit(f"the explorer: {what}")


def use(page, url):
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda it: problems.append(it.text) if "Content Security" in it.text else None)
    page.goto(f"{url}/docs")
    page.get_by_role("button", name="Get a token").click()
    expect(page.get_by_role("status")).to_contain_text("role merchant, id maria, merchant blue-bakery")

    order = {"customer": {"name": "Ada", "contact": "+44 20 7946 0000"}}
    status, created = execute(page, "createOrder", order)
    check(f"createOrder responded with {status}: {created}", status == 201)
    check("the order is the merchant's", created["merchant"] == "blue-bakery")

    parameters = [("id", created["id"])]
    status, problem = execute(page, "changeStatus", {"status": "delivered"}, parameters)
    check(f"changeStatus responded with {status}: {problem}", status == 409)
    check("the problem names its type", problem["type"].startswith("urn:waybill:problem:"))
    check(f"errors in the page: {problems}", not problems)
    print(f"the explorer: 201 for {created['id']}, then 409: {problem['detail']}")


def main():
    url, *folder = sys.argv[1:]
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work as root in a container.
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(30_000)
        use(page, url)
        for width in (1280, 390) if folder else ():
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=f"{folder[0]}/explorer-{width}.png")
        browser.close()


main()
