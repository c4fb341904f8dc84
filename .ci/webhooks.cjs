// Creates a webhook on the runner at the given address, changes an order, and verifies each message.
"use strict";
const assert = require("node:assert");
const { createServer } = require("node:http");
const { Webhook } = require("standardwebhooks");

const runner = process.argv[2];

async function call(method, path, body, token) {
    const headers = { "content-type": "application/json" };
    if (token) headers.authorization = `Bearer ${token}`;
    const response = await fetch(runner + path, { method, headers, body: JSON.stringify(body) });
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`);
    return response.json();
}

async function main() {
    const received = [];
    let arrived;
    const all = new Promise((resolve) => (arrived = resolve));
    const server = createServer(async (request, response) => {
        const body = Buffer.concat(await request.toArray()).toString();
        received.push({ headers: request.headers, body });
        // The first message is refused once, and comes again.
        response.writeHead(received.length === 1 ? 500 : 204).end();
        if (received.length === 4) arrived();
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

    const { token } = await call("POST", "/dev/token", { role: "merchant", id: "ada", merchant: "m1" });
    const { token: ops } = await call("POST", "/dev/token", { role: "ops", id: "olga" });
    const url = `http://127.0.0.1:${server.address().port}/hook`;
    const webhook = await call("POST", "/merchants/m1/webhooks", { url }, token);
    const customer = { reference: "c1", name: "Ada", contact: "ada@example.com" };
    const order = await call("POST", "/orders", { merchant: "m1", customer }, token);
    for (const driver of ["d1", "d2"]) {
        await call("POST", `/orders/${order.id}/assign`, { driver, replace: true }, ops);
    }
    await all;

    const verifier = new Webhook(webhook.secret);
    for (const { headers, body } of received) verifier.verify(body, headers);
    const { headers, body } = received[0];
    assert.throws(() => verifier.verify(body.replace("m1", "m2"), headers), "another body");
    assert.throws(() => verifier.verify(body, { ...headers, "webhook-id": "msg_1" }), "another id");
    const known = new Map(received.map((it) => [it.headers["webhook-id"], it.body]));
    assert.strictEqual(known.size, 3, "a repeated message has the same id");
    const versions = [...known.values()].map((it) => JSON.parse(it).data.event.version).sort();
    assert.deepStrictEqual(versions, [1, 2, 3]);
    console.log(`${received.length} messages verified, ${known.size} different ones, in order by version`);
    server.close();
    process.exit(0);
}

setTimeout(() => { throw new Error("four messages did not arrive within a minute"); }, 60_000).unref();
main().catch((error) => { console.error(error); process.exit(1); });
