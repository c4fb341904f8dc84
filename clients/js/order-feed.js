import { Feed, isOrder } from './feed.js';

/** The topic `order:ID`: reports each version once and in order. */
export class OrderFeed extends Feed {
  #id = this.topic.slice('order:'.length);
  /** The last version reported. */
  #last = 0;
  /** The version in the last request for the events that follow it. */
  #asked = 0;
  /** Events, by version, that arrived before their predecessors. */
  #early = new Map();
  /** The newest version of the order that was received over this connection. */
  #received = 0;
  /** True if versions are missing that must be requested. */
  #behind = true;

  opened() {
    super.opened();
    this.#early.clear();
    this.#received = 0;
    this.#behind = true;
  }

  wants() {
    if (!this.#behind) return null;
    this.#asked = this.#last;
    return { at: 0, ask: { action: 'subscribe', topic: this.topic, after: this.#asked } };
  }

  /**
   * Handles the response, which arrives after the missed events. If it is not `recovered`, the
   * events after the requested version cannot be replayed; but those after a later version can,
   * if some arrived meanwhile.
   */
  subscribed({ order, recovered }) {
    if (!isOrder(order) || typeof recovered !== 'boolean') return false;
    if (recovered) {
      this.take(order);
    } else if (this.#asked === this.#last) {
      this.#reset(order);
    }
    this.#tellEarly();
    this.#behind = this.#last < order.version || this.#early.size > 0;
    if (!this.#behind) this.say({ current: true });
    return !this.#behind;
  }

  event(event) {
    if (event.order_id !== this.#id || event.version <= this.#last) return;
    this.#early.set(event.version, event);
    this.#tellEarly();
    this.#behind ||= this.#early.size > 0;
  }

  unknown() {
    if (this.held.delete(this.#id)) this.say({ removed: this.#id });
  }

  take(order) {
    if (order.id !== this.#id) return false;
    this.#received = Math.max(this.#received, order.version);
    return super.take(order);
  }

  remove(removed) {
    if (removed.order_id !== this.#id) return;
    this.#received = Math.max(this.#received, removed.version);
    super.remove(removed);
  }

  keeps() {
    return true;
  }

  #reset(order) {
    this.#last = order.version;
    for (const version of this.#early.keys()) {
      if (version <= this.#last) this.#early.delete(version);
    }
    this.say({ reset: order });
    // Events pushed over this connection may have overtaken the response.
    if (this.#received <= order.version) this.replace(order);
  }

  #tellEarly() {
    for (let event; (event = this.#early.get(this.#last + 1)); ) {
      this.#last += 1;
      this.#early.delete(this.#last);
      this.say({ event });
    }
  }
}
