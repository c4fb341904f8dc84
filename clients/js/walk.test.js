// Followers over random walks: the server's actions, losses, repetitions and disconnections are
// drawn from a seed. `SEED=N node --test` repeats a walk.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Follower } from './follower.js';
import { FakeServer, chance } from './fake-server.js';

const WALKS = 400;
const STEPS = 250;
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000_000);

/** A follower and its server, in simulated time. */
class Walk {
  now = 0;
  news = [];
  connected = false;
  wantsConnection = false;

  constructor(topic, seed) {
    this.random = chance(seed);
    this.server = new FakeServer(topic, this.random);
    this.follower = new Follower(topic, this.random);
    this.obey();
  }

  apply(input, detail) {
    this.follower[input](this.now, detail);
    this.obey();
  }

  obey() {
    for (const output of this.follower.drain()) {
      if (output.connect) this.wantsConnection = true;
      else if (output.send) this.server.asked(output.send);
      else if (output.close) this.server.disconnected();
      else this.news.push(output);
    }
  }

  /** Makes one thing happen; with `faults`, it may be a fault. */
  step(faults) {
    const drawn = this.random();
    this.now += Math.floor(this.random() * 1000);
    if (this.follower.due() <= this.now) return this.apply('tick');
    if (this.wantsConnection) {
      this.wantsConnection = false;
      if (faults && drawn < 0.2) return this.apply('closed');
      this.server.connected();
      return this.apply('opened');
    }
    if (faults && drawn < 0.03) return this.breakOff();
    if (faults && drawn < 0.35) return this.server.commit();
    const text = this.server.next(faults, this.now);
    if (text === 'broken') this.breakOff();
    else if (text) this.apply('frame', text);
  }

  breakOff() {
    this.server.disconnected();
    if (!this.wantsConnection) this.apply('closed');
  }

  /** Disconnects a last time, and continues without faults until `done`. */
  settle(done) {
    this.breakOff();
    this.news.push('last break');
    for (let steps = 0; !done(); steps += 1) {
      assert.ok(steps < 2000, 'the follower never settles');
      this.step(false);
    }
  }
}

/** Makes many walks, each from its own seed, which a failure names. */
function walks(topic, check) {
  for (let seed = SEED; seed < SEED + WALKS; seed += 1) {
    const walk = new Walk(topic, seed);
    try {
      for (let steps = 0; steps < STEPS; steps += 1) walk.step(true);
      check(walk);
    } catch (error) {
      error.message += `\n(SEED=${seed})`;
      throw error;
    }
  }
}

/** Checks that versions are reported without a gap, except for those that a reset skips. */
function checkVersions(news) {
  let last = 0;
  for (const { event, reset } of news) {
    if (reset) {
      assert.ok(reset.version > last, 'a reset leads on');
      last = reset.version;
    }
    if (event) assert.equal(event.version, (last += 1), 'the version after the one before');
  }
  return last;
}

/** Checks that no version is reported twice, unless its order left and the connection ended. */
function checkNotified(news) {
  const notified = new Map();
  const held = new Set();
  for (const { event, order, removed, lost } of news) {
    if (event) {
      assert.ok(event.version > (notified.get(event.order_id) ?? 0), 'a version is told once');
      notified.set(event.order_id, event.version);
    }
    if (order && order.phase !== 'delivered') held.add(order.id);
    if (order?.phase === 'delivered') held.delete(order.id);
    held.delete(removed);
    if (lost) for (const id of notified.keys()) if (!held.has(id)) notified.delete(id);
  }
}

test(`an order's versions are told once each, in order (SEED=${SEED})`, () => {
  let notified = 0;
  walks('order:o1', (walk) => {
    const isUpToDate = () => walk.news.lastIndexOf('last break') < walk.news.findLastIndex((it) => it.current);
    walk.settle(isUpToDate);
    const { version } = walk.server.head('o1');
    assert.equal(checkVersions(walk.news), version);
    assert.equal(walk.follower.held.get('o1').version, version);
    notified += walk.news.filter((it) => it.event).length;
  });
  assert.ok(notified > 10 * WALKS, `a walk that tells little shows little: ${notified}`);
});

test(`a list converges to the orders that are stored (SEED=${SEED})`, () => {
  walks('driver:d1', (walk) => {
    const isUpToDate = () => walk.news.lastIndexOf('last break') < walk.news.findLastIndex((it) => it.synced);
    walk.settle(isUpToDate);
    const { follower, server } = walk;
    assert.deepEqual([...follower.held.keys()].sort(), server.open());
    for (const [id, order] of follower.held) assert.equal(order.version, server.head(id).version);
    checkNotified(walk.news);
  });
});
