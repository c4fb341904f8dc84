// A server for tests, with one topic, at most one connection, and every fault of the real server,
// drawn from the given random numbers.

const PAGE = 2;
/** The maximum delay of an index behind its table, in milliseconds. */
const MOST_TRAIL = 5_000;
/** The maximum number of events that are replayed; 300 on the real server. */
const MOST_REPLAYED = 8;
const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Returns a generator of random numbers from a seed: mulberry32. */
export function chance(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class FakeServer {
  /** Every version of each order, by id: the order after the event of that version. */
  history = new Map();
  now = 0;
  /** The posts that the relay has yet to make, and the requests that have yet to be answered. */
  #posts = [];
  #asks = [];
  /** Frames in transit to the client. */
  #frames = [];
  #subscribed = false;

  constructor(topic, random) {
    this.topic = topic;
    this.random = random;
    this.ids = topic.startsWith('order:') ? [topic.slice('order:'.length)] : IDS;
    this.commit();
  }

  connected() {
    this.disconnected();
  }

  disconnected() {
    this.#subscribed = false;
    this.#asks = [];
    this.#frames = [];
  }

  asked(message) {
    this.#asks.push(message);
  }

  /** Changes a random order; the change is posted some time later. */
  commit() {
    const id = this.ids[Math.floor(this.random() * this.ids.length)];
    const before = this.history.get(id) ?? [];
    const old = before.at(-1);
    if (old?.phase === 'delivered') return;
    const order = { id, version: before.length + 1, phase: 'on_the_way', since: this.now };
    order.mine = this.ids.length === 1 || this.random() < 0.7;
    if (this.random() < 0.05 && this.ids.length > 1) order.phase = 'delivered';
    if (old?.mine && order.mine) order.since = old.since;
    this.history.set(id, [...before, order]);
    if (order.mine || old?.mine) this.#posts.push({ order_id: id, version: order.version });
  }

  head(id) {
    return this.history.get(id)?.at(-1);
  }

  /** Returns the ids of the topic's open orders, sorted. */
  open() {
    return this.ids.filter((id) => this.head(id)?.mine && this.head(id).phase !== 'delivered');
  }

  /** Makes one step: returns the text of a frame that reaches the client, `null`, or `'broken'`. */
  next(faults, now) {
    this.now = now;
    const drawn = this.random();
    if (drawn < 0.4) return this.#post(faults);
    if (drawn < 0.7) return this.#respond(faults);
    return this.#frames.length ? JSON.stringify(this.#frames.shift()) : null;
  }

  #post(faults) {
    const post = this.#posts.shift();
    if (!post || !this.#subscribed) return null;
    const drawn = faults ? this.random() : 1;
    // The client of one order requests every version, so it detects even a silent loss.
    if (drawn < 0.1) return this.ids.length === 1 ? null : 'broken';
    if (drawn < 0.3) this.#posts.splice(Math.floor(this.random() * this.#posts.length), 0, post);
    // Like the relay: only the present audience of an order is shown the order.
    const head = this.head(post.order_id);
    this.#frames.push(
      head.mine
        ? { type: 'events', events: [post], orders: [head], removed: [] }
        : { type: 'events', events: [], orders: [], removed: [{ ...post, version: head.version }] },
    );
    return null;
  }

  #respond(faults) {
    const ask = this.#asks.shift();
    if (!ask) return null;
    const drawn = faults ? this.random() : 1;
    if (drawn < 0.02) return null;
    if (drawn < 0.06) this.#frames.push({ message: 'Internal server error' });
    else if (drawn < 0.1) this.#frames.push({ type: 'problem', problem: { status: 429 } });
    else this[ask.action](ask);
    return null;
  }

  ping() {
    this.#frames.push({ type: 'pong' });
  }

  subscribe({ topic, after }) {
    this.#subscribed = true;
    const response = { type: 'subscribed', topic, at: `${this.now}` };
    if (after !== undefined) {
      const all = this.history.get(this.ids[0]);
      response.order = all.at(-1);
      response.recovered = after <= all.length && all.length - after <= MOST_REPLAYED;
      const missed = response.recovered ? all.slice(after) : [];
      const events = missed.map(({ id, version }) => ({ order_id: id, version }));
      const cut = Math.floor(this.random() * (events.length + 1));
      for (const part of [events.slice(0, cut), events.slice(cut)]) {
        if (part.length) this.#frames.push({ type: 'events', events: part });
      }
    }
    this.#frames.push(response);
  }

  snapshot({ topic, cursor }) {
    this.#page('snapshot', topic, cursor, () => true);
  }

  recheck({ topic, cursor, since }) {
    this.#page('synced', topic, cursor, (order) => order.since >= since - 2 * MOST_TRAIL);
  }

  fetch({ topic, orders }) {
    const named = orders.slice(0, PAGE);
    const mine = named.filter((id) => this.head(id).mine);
    const gone = named.filter((id) => !this.head(id).mine);
    this.#frames.push({ type: 'fetched', topic, orders: mine.map((id) => this.head(id)), gone });
  }

  /**
   * Sends a page of ids from an index that trails its table, with the current state of each
   * order.
   */
  #page(type, topic, cursor = '', wanted) {
    const seen = this.now - this.random() * MOST_TRAIL;
    const indexed = this.open().filter((id) => this.head(id).since <= seen && id > cursor);
    const page = indexed.slice(0, PAGE);
    const orders = page.map((id) => this.head(id)).filter(wanted);
    const next = indexed.length > PAGE ? page.at(-1) : null;
    this.#frames.push({ type, topic, orders, next });
  }
}
