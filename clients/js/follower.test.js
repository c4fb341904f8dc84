import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Follower } from './follower.js';

const scenarios = JSON.parse(readFileSync(new URL('scenarios.json', import.meta.url)));

for (const { name, topic, steps, jitter = 1, held } of scenarios) {
  test(name, () => {
    const follower = new Follower(topic, () => jitter);
    for (const { at, input, frame, expect = [] } of steps) {
      if (frame !== undefined) follower.frame(at, JSON.stringify(frame));
      else if (input !== undefined) follower[input](at);
      assert.deepEqual(follower.drain(), expect, `at ${at}: ${input ?? JSON.stringify(frame)}`);
    }
    if (held) assert.deepEqual([...follower.held.keys()].sort(), held);
  });
}

/**
 * Generates JSON that no server should send: each shape in each place where another is expected.
 */
function* hostile() {
  const shapes = [null, true, 0, -1, 1.5, 1e308, '', 'x', [], [null], [[]], {}, { version: 1 }];
  shapes.push({ toString: 1 }, { id: 'a', version: '1' }, { order_id: 'a', version: null });
  const types = ['subscribed', 'events', 'snapshot', 'synced', 'fetched', 'problem', 'pong'];
  types.push('closing', 'unsubscribed', 'constructor', '__proto__', 'opened', 'wants', undefined);
  const members = ['topic', 'at', 'order', 'recovered', 'events', 'orders', 'removed', 'next'];
  members.push('gone', 'problem', 'reason', 'message');
  yield* ['', '{', 'null', '"', '\u0000', '[]', '{"type":', '{"__proto__":1}'];
  for (const shape of [...shapes, ...types]) yield JSON.stringify(shape) ?? 'undefined';
  for (const type of [...types, ...shapes]) {
    for (const member of members) {
      for (const shape of [...shapes, undefined]) {
        for (const topic of ['driver:d1', 'order:o1']) {
          yield JSON.stringify({ type, topic, [member]: shape });
          if (Array.isArray(shape)) continue;
          yield JSON.stringify({ type, topic, [member]: [shape, { id: 'o1', version: 2 }] });
        }
      }
    }
  }
}

for (const topic of ['driver:d1', 'order:o1']) {
  test(`no text makes a follower of ${topic} throw`, () => {
    const texts = [...hostile()];
    // The texts arrive at each stage of a connection, one after another over the same connection.
    const responses = ['subscribed', 'snapshot', 'synced', 'fetched'];
    for (let stage = 0; stage <= responses.length; stage += 1) {
      let follower = null;
      let now = 0;
      for (const text of texts) {
        if (follower === null || follower.due() === Infinity) {
          follower = new Follower(topic, () => 0.5);
          reach(follower, topic, responses.slice(0, stage), now);
        }
        follower.frame((now += 1), text);
        follower.tick(now);
        JSON.stringify(follower.drain());
      }
      assert.ok(follower.held instanceof Map);
    }
  });
}

/** Brings a follower to the stage after these responses on its second connection. */
function reach(follower, topic, responses, now) {
  follower.opened(now);
  const order = { id: 'o1', version: 1 };
  const taken = ['subscribed', 'snapshot'];
  for (const type of [...taken, null, ...responses]) {
    if (type === null) {
      follower.closed(now);
      follower.tick(now + 60_000);
      follower.opened(now);
    }
    const recovered = true;
    const message = { type, topic, order, recovered, orders: [order], at: 'x', next: null };
    if (type) follower.frame(now, JSON.stringify(message));
    if (type === 'snapshot') follower.tick(now + 11_000);
  }
}
