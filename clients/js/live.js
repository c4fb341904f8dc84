// The reference client of the live protocol, for browsers and for Node.

import { Follower } from './follower.js';

export { Follower };

/** What the world gives; a test can give another. */
const environment = () => ({
  WebSocket: globalThis.WebSocket,
  setTimeout: (wake, milliseconds) => setTimeout(wake, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer),
  random: () => Math.random(),
  now: () => performance.now(),
});

/** How long a ticket and a handshake may take together, in milliseconds. */
const CONNECT_WITHIN = 35_000;

/** Who is told which news. */
const HANDLERS = {
  event: 'onEvent',
  order: 'onOrder',
  removed: 'onRemoved',
  reset: 'onReset',
  current: 'onCurrent',
  synced: 'onSynced',
  lost: 'onLost',
  refused: 'onRefused',
};

/**
 * Follows a topic until it is closed or refused, over as many connections as it takes.
 *
 * @param {string} topic `orders`, `driver:ID`, `order:ID`, …
 * @param {object} options
 * @param {string} options.url where the WebSocket API is: `wss://…`
 * @param {() => Promise<string>} options.ticket gives a new ticket (`POST /live/tickets`)
 *   for each connection; an error whose `status` is 401 or 403 says that there is none
 * @param {(event: object) => void} [options.onEvent] what happened to an order: on
 *   `order:ID` each version once and in order, else those newer than was told
 * @param {(order: object) => void} [options.onOrder] an order is new or newer, or closed
 * @param {(id: string) => void} [options.onRemoved] an order is no longer to be seen here
 * @param {(order: object) => void} [options.onReset] `order:ID`: events before are missing
 * @param {() => void} [options.onCurrent] what was there is all told; from now on it is live
 * @param {() => void} [options.onSynced] lists: the orders held are those stored
 * @param {(reason: string, cause?: Error) => void} [options.onLost] the connection ended,
 *   or was not made; another follows by itself
 * @param {(problem: object, cause?: Error) => void} [options.onRefused] the last news:
 *   the topic cannot be followed, and why (RFC 9457)
 * @param {Partial<ReturnType<typeof environment>>} [options.environment] for tests
 * @returns {Following}
 * @throws {TypeError} if `url` is not one, or there is no WebSocket
 */
export function follow(topic, options) {
  return new Following(topic, options);
}

/** Does what a follower says, and tells it what happens. */
class Following {
  #options;
  #world;
  #address;
  #follower;
  #timer;
  /** Ends an attempt at a connection that takes too long. */
  #patience;
  /** The connection, or the attempt at one: what any other says is not heard. */
  #current = null;
  #ended = false;

  constructor(topic, options) {
    this.#options = options;
    this.#world = { ...environment(), ...options.environment };
    if (!this.#world.WebSocket) {
      throw new TypeError('There is no WebSocket here: Node has it from 22 on, or give one in options.environment');
    }
    this.#address = new URL(options.url);
    this.#follower = new Follower(topic, this.#world.random);
    this.#act();
  }

  /** The orders held, by id, always as last told. @returns {ReadonlyMap<string, object>} */
  get orders() {
    return this.#follower.held;
  }

  /** Ends it: no handler is called any more. */
  close() {
    this.#ended = true;
    this.#world.clearTimeout(this.#timer);
    this.#hangUp();
  }

  async #connect() {
    const attempt = (this.#current = { socket: null });
    const receive = (input, detail, cause) => {
      if (this.#current !== attempt) return;
      this.#world.clearTimeout(this.#patience);
      this.#follower[input](this.#world.now(), detail);
      this.#act(cause);
    };
    this.#patience = this.#world.setTimeout(() => {
      attempt.socket?.close();
      receive('closed');
    }, CONNECT_WITHIN);
    try {
      this.#address.searchParams.set('ticket', await this.#options.ticket());
      if (this.#current !== attempt) return;
      attempt.socket = new this.#world.WebSocket(this.#address.href);
    } catch (error) {
      const denied = error?.status === 401 || error?.status === 403;
      return receive(denied ? 'refused' : 'closed', null, error);
    }
    attempt.socket.onopen = () => receive('opened');
    attempt.socket.onmessage = ({ data }) => receive('frame', data);
    attempt.socket.onclose = () => receive('closed');
    // Where no connection came about, some say no more than this.
    attempt.socket.onerror = () => receive('closed');
  }

  /** Does what the follower says, and wakes it when it is due. */
  #act(cause) {
    for (const output of this.#follower.drain()) {
      if (this.#ended) return;
      const [[kind, value]] = Object.entries(output);
      try {
        this.#perform(kind, value, cause);
      } catch (error) {
        // A handler's: told like any that nobody caught, and it stops nothing here.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    if (!this.#ended) this.#setTimer();
  }

  #perform(kind, value, cause) {
    if (kind === 'connect') this.#connect();
    else if (kind === 'send') this.#current.socket.send(JSON.stringify(value));
    else if (kind === 'close') this.#hangUp();
    else this.#options[HANDLERS[kind]]?.(value, cause);
  }

  #setTimer() {
    this.#world.clearTimeout(this.#timer);
    const due = this.#follower.due();
    if (due === Infinity) return;
    const wake = () => {
      this.#follower.tick(this.#world.now());
      this.#act();
    };
    this.#timer = this.#world.setTimeout(wake, Math.max(0, Math.ceil(due - this.#world.now())));
  }

  #hangUp() {
    this.#world.clearTimeout(this.#patience);
    this.#current?.socket?.close();
    this.#current = null;
  }
}
