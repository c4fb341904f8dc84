const isObject = (it) => typeof it === 'object' && it !== null;

/** Whether it can be read as the head of an order. */
export const isOrder = (it) =>
  isObject(it) && typeof it.id === 'string' && Number.isSafeInteger(it.version);

/** Whether it can be read as an event, or as the removal of an order. */
export const isChange = (it) =>
  isObject(it) && typeof it.order_id === 'string' && Number.isSafeInteger(it.version);

/** Those of a list from the server that can be read. */
export const readable = (list, test) => (Array.isArray(list) ? list.filter(test) : []);

/**
 * The state that is held of a topic. Of its own each kind has `wants()`: what to ask next, and
 * when; a method for each answer, which says whether the answer will do or the ask is to be
 * repeated; `event(event)`; and `keeps(order)`.
 */
export class Feed {
  /** The orders held, by id. */
  held = new Map();
  /** Version at which an order was lost, by id: what is older does not bring it back. */
  #lost = new Map();

  /**
   * @param {string} topic
   * @param {(news: object) => void} say
   */
  constructor(topic, say) {
    this.topic = topic;
    this.say = say;
  }

  /** A connection begins. */
  opened() {
    this.#lost.clear();
  }

  /** The server knows the topic no more: nothing of it will come. */
  unknown() {}

  /** The cursor that was asked with is good no more. */
  restart() {}

  /** Takes a message that came by itself. */
  events(message) {
    for (const event of readable(message.events, isChange)) this.event(event);
    for (const order of readable(message.orders, isOrder)) this.take(order);
    for (const removed of readable(message.removed, isChange)) this.remove(removed);
  }

  /** Tells of an order, and holds it; `false` if it is no newer than what is known. */
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

  /** Lets an order go that was lost with `version`, unless a newer one is known. */
  remove({ order_id, version }) {
    if (version < this.#known(order_id)) return;
    if (this.#drop(order_id, version)) this.say({ removed: order_id });
  }

  /** Holds an order as it is, whatever was known of it. */
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
