import assert from 'node:assert/strict';
import { test } from 'node:test';

import { follow } from './live.js';

const TOPIC = 'driver:d1';

/**
 * The environment of a page: sockets that a test drives, and timers that fire when the test says
 * so.
 */
class World {
  time = 0;
  sockets = [];
  timers = new Map();
  tickets = 0;
  said = [];

  /** Follows the topic in this world; `options` override the defaults. */
  follow(options = {}) {
    const world = this;
    const note = (name) => (...values) => this.said.push([name, ...values]);
    class Socket {
      sent = [];
      closed = false;
      constructor(url) {
        this.url = url;
        world.sockets.push(this);
      }
      send(text) {
        this.sent.push(JSON.parse(text));
      }
      close() {
        this.closed = true;
      }
    }
    this.following = follow(TOPIC, {
      url: 'wss://live.example/stage',
      ticket: async () => `ticket-${(this.tickets += 1)}`,
      onEvent: note('event'),
      onOrder: note('order'),
      onRemoved: note('removed'),
      onPosition: note('position'),
      onCurrent: note('current'),
      onSynced: note('synced'),
      onLost: note('lost'),
      onRefused: note('refused'),
      environment: {
        WebSocket: Socket,
        setTimeout: (wake, after) => this.#setTimer(wake, after),
        clearTimeout: (timer) => this.timers.delete(timer),
        random: () => 1,
        now: () => this.time,
      },
      ...options,
    });
    return this;
  }

  #setTimer(wake, after) {
    const timer = { wake, at: this.time + after };
    this.timers.set(timer, timer);
    return timer;
  }

  get socket() {
    return this.sockets.at(-1);
  }

  /** Lets the reactions to settled promises run. */
  async settle() {
    await new Promise((done) => setImmediate(done));
    return this;
  }

  async pass(milliseconds) {
    this.time += milliseconds;
    for (const timer of [...this.timers.keys()].filter(({ at }) => at <= this.time)) {
      this.timers.delete(timer);
      timer.wake();
    }
    return this.settle();
  }

  /** Delivers a message from the server over the newest socket. */
  receive(message) {
    this.socket.onmessage({ data: JSON.stringify(message) });
  }

  /** Follows the topic, and continues until the snapshot has arrived. */
  async current(options) {
    await this.follow(options).settle();
    this.socket.onopen();
    this.receive({ type: 'subscribed', topic: TOPIC, at: '2026-11-21T09:00:00.000Z' });
    const orders = [{ id: 'a', version: 3, phase: 'ready' }];
    this.receive({ type: 'snapshot', topic: TOPIC, orders, next: null });
    return this;
  }
}

test('connects with a ticket, asks, and tells what it holds', async () => {
  const world = await new World().current();
  assert.equal(world.socket.url, 'wss://live.example/stage?ticket=ticket-1');
  assert.deepEqual(world.socket.sent.map((it) => it.action), ['subscribe', 'snapshot']);
  assert.deepEqual(world.said.map(([name]) => name), ['order', 'current']);
  assert.equal(world.following.orders.get('a').version, 3);
  await world.pass(10_500);
  assert.equal(world.socket.sent.at(-1).action, 'recheck');
});

test('reconnects after a close, with another ticket, and hears the old socket no more', async () => {
  const world = await new World().current();
  const old = world.socket;
  old.onclose();
  assert.deepEqual(world.said.at(-1), ['lost', 'closed', undefined]);
  await world.pass(499);
  assert.equal(world.sockets.length, 1);
  await world.pass(1);
  assert.equal(world.socket.url, 'wss://live.example/stage?ticket=ticket-2');
  const { length } = world.said;
  old.onmessage({ data: '{"type":"events","events":[{"order_id":"a","version":9}],"orders":[],"removed":[]}' });
  old.onclose();
  assert.equal(world.said.length, length);
  assert.equal(world.timers.size, 1, 'it waits for the new socket, and not for ever');
  world.socket.onerror();
  world.socket.onclose();
  assert.equal(world.said.length, length + 1, 'what has failed is lost once');
});

test('hands over the positions that it can read', async () => {
  const world = await new World().current();
  const position = { order_id: 'a', at: '2026-11-21T09:00:00.000Z', lat: 51.5, lng: 0 };
  world.receive({ type: 'positions', positions: [null, 7, position] });
  world.receive({ type: 'positions' });
  assert.deepEqual(world.said.slice(2), [['position', position, undefined]]);
});

test('closes a connection that no longer answers', async () => {
  const world = await new World().follow().settle();
  const { socket } = world;
  socket.onopen();
  await world.pass(35_000);
  assert.ok(socket.closed);
  assert.equal(world.said.at(-1)[0], 'lost');
  await world.pass(30_000);
  assert.equal(world.sockets.length, 2);
});

test('says at once that there is no WebSocket', () => {
  const options = { url: 'wss://live.example', environment: { WebSocket: undefined } };
  assert.throws(() => follow(TOPIC, options), /no WebSocket here: Node has it from 22 on/);
});

test('gives up a ticket, and a handshake, that never comes', async () => {
  for (const options of [{ ticket: () => new Promise(() => {}) }, {}]) {
    const world = await new World().follow(options).settle();
    await world.pass(34_999);
    assert.deepEqual(world.said, []);
    await world.pass(1);
    assert.deepEqual(world.said.at(-1).slice(0, 2), ['lost', 'closed']);
    assert.ok(world.socket?.closed ?? true);
    await world.pass(500);
    assert.equal(world.timers.size, 1, 'another attempt');
  }
});

test('close ends a connection, its timers and its news', async () => {
  const world = await new World().current();
  const { length } = world.said;
  world.following.close();
  world.following.close();
  assert.ok(world.socket.closed);
  assert.equal(world.timers.size, 0);
  world.receive({ type: 'events', events: [{ order_id: 'a', version: 4 }] });
  world.socket.onclose();
  await world.pass(10_000_000);
  assert.deepEqual([world.said.length, world.sockets.length, world.timers.size], [length, 1, 0]);
});

test('close while a ticket is awaited, while waiting, and from a handler', async () => {
  const early = new World().follow();
  early.following.close();
  await early.pass(60_000);
  assert.deepEqual([early.sockets.length, early.timers.size], [0, 0]);

  const waiting = await new World().current();
  waiting.socket.onclose();
  waiting.following.close();
  await waiting.pass(60_000);
  assert.deepEqual([waiting.sockets.length, waiting.timers.size], [1, 0]);

  const within = new World();
  await within.current({ onOrder: () => within.following.close() });
  assert.deepEqual([within.said, within.timers.size, within.socket.closed], [[], 0, true]);

  const last = new World();
  await last.current({ onCurrent: () => last.following.close() });
  assert.deepEqual([last.timers.size, last.socket.closed], [0, true]);
});

test('a ticket that is denied twice is final; one that fails is tried again', async () => {
  const errors = [new Error('no network'), denied(), denied()];
  const world = await new World().follow({ ticket: async () => { throw errors.shift(); } }).settle();
  assert.deepEqual(world.said[0], ['lost', 'closed', new Error('no network')]);
  await world.pass(30_000);
  assert.equal(world.said[1][1], 'refused');
  await world.pass(30_000);
  const [name, problem, cause] = world.said[2];
  assert.deepEqual([name, problem.status, cause.status], ['refused', 401, 403]);
  await world.pass(10_000_000);
  assert.deepEqual([world.said.length, errors.length, world.timers.size], [3, 0, 0]);
});

test('a caller with too many connections is told so, and tries again', async () => {
  const error = Object.assign(new Error('too-many-connections'), { status: 429 });
  const world = await new World().follow({ ticket: async () => { throw error; } }).settle();
  assert.deepEqual(world.said, [['lost', 'limited', error]]);
  await world.pass(500);
  assert.deepEqual(world.said, [['lost', 'limited', error], ['lost', 'limited', error]]);
});

test('a topic that is refused closes the socket', async () => {
  const world = await new World().follow().settle();
  world.socket.onopen();
  const problem = { type: 'urn:waybill:problem:forbidden', title: 'Not yours', status: 403 };
  world.receive({ type: 'problem', problem, topic: TOPIC });
  assert.deepEqual(world.said.at(-1), ['refused', problem, undefined]);
  assert.deepEqual([world.socket.closed, world.timers.size], [true, 0]);
});

test('a handler that throws is told of, and stops nothing', async () => {
  const uncaught = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.once('uncaughtException', (error) => uncaught.push(error.message));
  try {
    const world = await new World().current({ onOrder: () => { throw new Error('a page’s own'); } });
    await world.settle();
    assert.deepEqual(world.said.map(([name]) => name), ['current']);
    assert.deepEqual(uncaught, ['a page’s own']);
    assert.equal(world.timers.size, 1);
  } finally {
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
});

test('an address that is none is told at once', () => {
  assert.throws(() => new World().follow({ url: 'nowhere' }), TypeError);
});

function denied() {
  return Object.assign(new Error('denied'), { status: 403 });
}
