// The reference client of the live protocol, for browsers and for Node.

import { Follower } from './follower.js';

export { Follower };

/** The functions of the environment; a test can replace them. */
const environment = () => ({
  WebSocket: globalThis.WebSocket,
  setTimeout: (wake, milliseconds) => setTimeout(wake, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer),
  random: () => Math.random(),
  now: () => performance.now(),
});

/** The timeout of a ticket and a handshake together, in milliseconds. */
const CONNECT_WITHIN = 35_000;

/** The follower's input for the status with which a ticket was refused. */
const REFUSALS = new Map([[401, 'refused'], [403, 'refused'], [429, 'limited']]);

/** The handler of each kind of news. */
const HANDLERS = {
  event: 'onEvent',
  order: 'onOrder',
  removed: 'onRemoved',
  position: 'onPosition',
  reset: 'onReset',
  current: 'onCurrent',
  synced: 'onSynced',
  lost: 'onLost',
  refused: 'onRefused',
};

/**
 * Follows a topic until it is closed or refused, over as many connections as necessary.
 *
 * @param {string} topic `orders`, `driver:ID`, `order:ID`, …
 * @param {object} options
 * @param {string} options.url the URL of the WebSocket API: `wss://…`
 * @param {() => Promise<string>} options.ticket returns a new ticket (`POST /live/tickets`)
 *   for each connection; an error whose `status` is 401 or 403 means that no ticket is granted,
 *   and 429 that there are too many connections or requests for now
 * @param {(event: object) => void} [options.onEvent] an event of an order: on `order:ID` each
 *   version once and in order, on other topics only versions newer than the last one reported
 * @param {(order: object) => void} [options.onOrder] an order is new, has a newer version, or
 *   is closed
 * @param {(id: string) => void} [options.onRemoved] an order is no longer visible on this topic
 * @param {(position: object) => void} [options.onPosition] `order:ID`, fleets: the position of a
 *   driver, as far as you may see it: a later one replaces it
 * @param {(order: object) => void} [options.onReset] `order:ID`: events before this state of
 *   the order are missing
 * @param {() => void} [options.onCurrent] the existing state is reported; updates are live now
 * @param {() => void} [options.onSynced] lists: the orders held are those stored
 * @param {(reason: string, cause?: Error) => void} [options.onLost] the connection ended or
 *   could not be made; the client reconnects by itself
 * @param {(problem: object, cause?: Error) => void} [options.onRefused] the last news: the
 *   problem (RFC 9457) for which the topic cannot be followed
 * @param {Partial<ReturnType<typeof environment>>} [options.environment] for tests
 * @returns {Following}
 * @throws {TypeError} if `url` is not a URL, or there is no WebSocket
 */
export function follow(topic, options) {
  return new Following(topic, options);
}

/** Carries out a follower's commands, and reports to it what happens. */
class Following {
  #options;
  #world;
  #address;
  #follower;
  #timer;
  /** The timeout of an attempt at a connection. */
  #patience;
  /** The connection, or the attempt at one; events of any other are ignored. */
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

  /** The orders held, by id, as last reported. @returns {ReadonlyMap<string, object>} */
  get orders() {
    return this.#follower.held;
  }

  /** Stops following; no handler is called any more. */
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
      return receive(REFUSALS.get(error?.status) ?? 'closed', null, error);
    }
    attempt.socket.onopen = () => receive('opened');
    attempt.socket.onmessage = ({ data }) => receive('frame', data);
    attempt.socket.onclose = () => receive('closed');
    // Some environments report a failed connection with this event alone.
    attempt.socket.onerror = () => receive('closed');
  }

  /** Carries out the follower's commands, and wakes the follower when it is due. */
  #act(cause) {
    for (const output of this.#follower.drain()) {
      if (this.#ended) return;
      const [[kind, value]] = Object.entries(output);
      try {
        this.#perform(kind, value, cause);
      } catch (error) {
        // An error of a handler is reported as uncaught, and does not stop the follower.
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
