export const isObject = (it) => typeof it === 'object' && it !== null;

/** Returns true if the value can be read as the head of an order. */
export const isOrder = (it) =>
  isObject(it) && typeof it.id === 'string' && Number.isSafeInteger(it.version);

/** Returns true if the value can be read as an event, or as the removal of an order. */
export const isChange = (it) =>
  isObject(it) && typeof it.order_id === 'string' && Number.isSafeInteger(it.version);

/** Returns the items of a list from the server that can be read. */
export const readable = (list, test) => (Array.isArray(list) ? list.filter(test) : []);

/**
 * The state of a topic. Each kind of feed has its own `wants()`, which returns the next request
 * and its time; a method for each response, which returns false if the request must be repeated;
 * `event(event)`; and `keeps(order)`.
 */
export class Feed {
  /** The orders held, by id. */
  held = new Map();
  /** The version at which an order was lost, by id: an older message does not restore the order. */
  #lost = new Map();

  /**
   * @param {string} topic
   * @param {(news: object) => void} say
   */
  constructor(topic, say) {
    this.topic = topic;
    this.say = say;
  }

  /** Notes that a connection was opened. */
  opened() {
    this.#lost.clear();
  }

  /** Notes that the server no longer knows the topic, so nothing more of it will arrive. */
  unknown() {}

  /** Notes that the cursor of the request is no longer valid. */
  restart() {}

  /** Takes a message that the server sent without a request. */
  events(message) {
    for (const event of readable(message.events, isChange)) this.event(event);
    for (const order of readable(message.orders, isOrder)) this.take(order);
    for (const removed of readable(message.removed, isChange)) this.remove(removed);
  }

  /**
   * Reports an order, and holds it if it is to be kept. Returns `false` if the order is no newer
   * than the known version.
   */
  take(order) {
    if (order.version <= this.#known(order.id)) return false;
    this.say({ order });
    if (this.keeps(order)) {
      this.held.set(order.id, order);
    } else {
      this.#drop(order.id, order.version);
    }
    return true;
  }

  /** Drops an order that was lost with `version`, unless a newer version is known. */
  remove({ order_id, version }) {
    if (version < this.#known(order_id)) return;
    if (this.#drop(order_id, version)) this.say({ removed: order_id });
  }

  /** Holds an order in this version, whatever version was known. */
  replace(order) {
    this.#lost.delete(order.id);
    this.held.set(order.id, order);
    this.say({ order });
  }

  #known(id) {
    return Math.max(this.held.get(id)?.version ?? 0, this.#lost.get(id) ?? 0);
  }

  #drop(id, version) {
    this.#lost.set(id, version);
    return this.held.delete(id);
  }
}
