import { Feed, isChange, isOrder, readable } from './feed.js';

const CLOSED_PHASES = new Set(['delivered', 'returned', 'cancelled', 'failed']);

/**
 * Milliseconds from `subscribed` to the recheck, which finds orders that a trailing index lacked.
 */
const RECHECK_AFTER = 10_500;

/** The maximum number of ids in one `fetch`. */
const MOST_FETCHED = 100;

/** Any topic except `order:ID`: converges to the orders that are stored. */
export class ListFeed extends Feed {
  /** The version of the last event reported, by order. */
  #notified = new Map();
  /** Ids held since an earlier connection that no message of this connection has named. */
  #unnamed = new Set();
  /** @type {'subscribe' | 'snapshot' | 'recheck' | 'fetch' | 'synced'} The next request. */
  #stage = 'subscribe';
  #cursor = null;
  /**
   * The time of the subscription, by the server's clock; the time of the recheck, by the
   * client's.
   */
  #since;
  #recheckAt;
  /** The versions, before the request, of the orders that a fetch names. */
  #asked = new Map();

  opened() {
    super.opened();
    for (const id of this.#notified.keys()) {
      if (!this.held.has(id)) this.#notified.delete(id);
    }
    this.#unnamed = new Set(this.held.keys());
    this.#enter('subscribe');
  }

  wants() {
    const stage = this.#stage;
    if (stage === 'synced') return null;
    const ask = { action: stage, topic: this.topic };
    if (stage === 'recheck') ask.since = this.#since;
    if (stage === 'fetch') ask.orders = [...this.#asked.keys()];
    if (this.#cursor !== null) ask.cursor = this.#cursor;
    return { at: stage === 'recheck' ? this.#recheckAt : 0, ask };
  }

  subscribed({ at }, now) {
    if (typeof at !== 'string') return false;
    this.#since = at;
    this.#recheckAt = now + RECHECK_AFTER;
    this.#enter('snapshot');
    return true;
  }

  snapshot(message) {
    this.#takeAll(message.orders);
    this.#cursor = message.next ?? null;
    if (this.#cursor === null) {
      this.say({ current: true });
      this.#enter('recheck');
    }
    return true;
  }

  synced(message) {
    this.#takeAll(message.orders);
    this.#cursor = message.next ?? null;
    if (this.#cursor === null) this.#fetchOrSettle();
    return true;
  }

  fetched({ orders, gone }) {
    this.#takeAll(orders);
    const left = readable(gone, (it) => this.#asked.has(it));
    for (const id of left) {
      this.#unnamed.delete(id);
      const version = this.#asked.get(id);
      if (this.held.get(id)?.version === version) this.remove({ order_id: id, version });
    }
    this.#fetchOrSettle();
    return left.length + readable(orders, isOrder).length > 0;
  }

  event(event) {
    const { order_id: id, version } = event;
    if (version <= (this.#notified.get(id) ?? 0)) return;
    this.#notified.set(id, version);
    this.say({ event });
  }

  events(message) {
    super.events(message);
    for (const { id, version } of readable(message.orders, isOrder)) this.#name(id, version);
    for (const it of readable(message.removed, isChange)) this.#name(it.order_id, it.version);
  }

  restart() {
    this.#cursor = null;
  }

  keeps(order) {
    return !CLOSED_PHASES.has(order.phase);
  }

  /**
   * Notes that a message named an order. A late message, older than the held version, says
   * nothing about the order's current state.
   */
  #name(id, version) {
    if (version >= (this.held.get(id)?.version ?? 0)) this.#unnamed.delete(id);
  }

  #enter(stage) {
    this.#stage = stage;
    this.#cursor = null;
  }

  /** Takes orders that the server has just read: their events up to that version are not news. */
  #takeAll(orders) {
    for (const order of readable(orders, isOrder)) {
      this.#unnamed.delete(order.id);
      if (!this.take(order)) continue;
      this.#notified.set(order.id, Math.max(order.version, this.#notified.get(order.id) ?? 0));
    }
  }

  #fetchOrSettle() {
    const ids = [...this.#unnamed].slice(0, MOST_FETCHED);
    this.#asked = new Map(ids.map((id) => [id, this.held.get(id)?.version]));
    this.#enter(ids.length ? 'fetch' : 'synced');
    if (!ids.length) this.say({ synced: true });
  }
}
