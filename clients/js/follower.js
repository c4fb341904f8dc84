import { isObject, readable } from './feed.js';
import { ListFeed } from './list-feed.js';
import { OrderFeed } from './order-feed.js';

// Milliseconds.
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const RESPONSE_WITHIN = 35_000;
const PING_AFTER = 240_000;
/** Less than the two hours after which API Gateway ends any connection. */
const RENEW_AFTER = 6_600_000;
const RENEW_SPREAD = 600_000;

const RESPONSES = { subscribe: 'subscribed', snapshot: 'snapshot', recheck: 'synced', fetch: 'fetched' };

/** The reasons of `lost` after which the follower reconnects without a wait. */
const AT_ONCE = new Set(['token-expired', 'planned']);

const UNAUTHORIZED = {
  type: 'urn:waybill:problem:unauthorized',
  title: 'Missing or invalid token',
  status: 401,
};

const UNAVAILABLE = { status: 503 };

/**
 * The outputs of a follower: a command (`connect`, `send`, `close`) or news. @typedef {{connect:
 * true} | {send: object} | {close: true} | {event: object} | {order: object} | {removed: string}
 * | {position: object} | {reset: object} | {current: true} | {synced: true} | {lost: string} |
 * {refused: object}} Output
 */

/**
 * Follows one topic over one connection at a time, without input or output: the caller reports
 * events and their times, and the follower returns commands and news. Times are milliseconds of
 * one monotonic clock. No text from the server makes the follower throw.
 */
export class Follower {
  #feed;
  #random;
  /** @type {Output[]} */
  #said = [{ connect: true }];
  /** The open connection, and its pending request. */
  #link = null;
  /** The time to connect again, while the follower waits for it. */
  #connectAt = Infinity;
  #failures = 0;
  #refusals = 0;
  #over = false;

  /**
   * @param {string} topic `order:ID`, or any other topic of the protocol
   * @param {() => number} random returns numbers from 0 to 1, which spread the actions that many
   *   followers would otherwise take at the same time
   */
  constructor(topic, random) {
    const say = (output) => this.#said.push(output);
    this.#feed = topic.startsWith('order:') ? new OrderFeed(topic, say) : new ListFeed(topic, say);
    this.#random = random;
  }

  /** The orders held, by id. @returns {ReadonlyMap<string, object>} */
  get held() {
    return this.#feed.held;
  }

  /** Returns the outputs since the last call, in order. @returns {Output[]} */
  drain() {
    return this.#said.splice(0);
  }

  /** Returns the time at which to call `tick`; `Infinity` if nothing is due by itself. */
  due() {
    const link = this.#link;
    if (!link) return this.#connectAt;
    const { renewAt, responseBy, pongBy, sentAt } = link;
    return Math.min(renewAt, responseBy, pongBy, sentAt + PING_AFTER, this.#askAt());
  }

  /** Reports that the requested connection is open. @param {number} now */
  opened(now) {
    if (this.#idle() || this.#link) return;
    this.#refusals = 0;
    this.#link = {
      renewAt: now + RENEW_AFTER - this.#random() * RENEW_SPREAD,
      sentAt: now,
      ask: null,
      responseBy: Infinity,
      pongBy: Infinity,
      /** No request is sent before this time. */
      quietUntil: now,
      /** The reason that the server gave for closing the connection soon. */
      closing: null,
    };
    this.#feed.opened();
    this.#askNext(now);
  }

  /** Reports a text frame from the server. @param {number} now @param {string} text */
  frame(now, text) {
    const message = this.#link && parse(text);
    if (!message) return;
    switch (message.type) {
      case 'events':
        this.#feed.events(message);
        break;
      case 'positions':
        for (const position of readable(message.positions, isObject)) this.#said.push({ position });
        break;
      case 'problem':
        this.#problem(now, message.problem);
        break;
      case 'pong':
        this.#link.pongBy = Infinity;
        break;
      case 'closing':
        if (typeof message.reason === 'string') this.#link.closing = message.reason;
        break;
      case undefined:
        // An error of API Gateway itself: the function did not respond.
        if (typeof message.message === 'string') this.#problem(now, UNAVAILABLE);
        break;
      default:
        this.#takeResponse(now, message);
    }
    this.#askNext(now);
  }

  /** Reports that the connection ended or could not be made. @param {number} now */
  closed(now) {
    if (!this.#idle()) this.#lose(now, 'closed');
  }

  /**
   * Reports that the caller has too many connections, or that all callers make too many requests.
   * @param {number} now
   */
  limited(now) {
    if (!this.#idle()) this.#lose(now, 'limited');
  }

  /** Reports that the connection was refused. A second refusal is final. @param {number} now */
  refused(now) {
    if (this.#idle()) return;
    this.#refusals += 1;
    if (this.#refusals < 2) {
      this.#lose(now, 'refused');
    } else {
      this.#giveUp(UNAUTHORIZED);
    }
  }

  /** Reports that the time is `due()`, or later. @param {number} now */
  tick(now) {
    this.#connectIfDue(now);
    const link = this.#link;
    if (!link) return;
    if (now >= Math.min(link.responseBy, link.pongBy)) return this.#hangUp(now, 'silent');
    if (now >= link.renewAt) return this.#hangUp(now, 'planned');
    this.#askNext(now);
    if (now >= link.sentAt + PING_AFTER) {
      link.pongBy = now + RESPONSE_WITHIN;
      this.#send(now, { action: 'ping' });
    }
  }

  /** Returns true if there is neither a connection nor an attempt at one. */
  #idle() {
    return this.#over || this.#connectAt !== Infinity;
  }

  /** Returns the time of the next request; `Infinity` while one is pending. */
  #askAt() {
    const wish = this.#link.ask ? null : this.#feed.wants();
    return wish ? Math.max(wish.at, this.#link.quietUntil) : Infinity;
  }

  #askNext(now) {
    if (!this.#link || now < this.#askAt()) return;
    this.#link.ask = this.#feed.wants().ask;
    this.#link.responseBy = now + RESPONSE_WITHIN;
    this.#send(now, this.#link.ask);
  }

  /** Ends the request; the next one, perhaps the same, is sent after a wait. */
  #askLater(now) {
    this.#endAsk();
    this.#link.quietUntil = now + this.#wait();
  }

  #endAsk() {
    this.#link.ask = null;
    this.#link.responseBy = Infinity;
  }

  #takeResponse(now, message) {
    const { ask } = this.#link;
    if (!ask || message.type !== RESPONSES[ask.action] || message.topic !== ask.topic) return;
    const complete = this.#feed[message.type](message, now);
    if (!complete) return this.#askLater(now);
    this.#endAsk();
    if (message.type === 'subscribed') this.#failures = 0;
  }

  /**
   * Handles a problem, which concerns the pending request. Without a pending request it is the
   * response to a ping, so the connection is alive.
   */
  #problem(now, problem) {
    this.#link.pongBy = Infinity;
    if (!this.#link.ask) return;
    const status = problem?.status;
    const stale = problem?.type === 'urn:waybill:problem:invalid-cursor';
    if (status >= 400 && status < 500 && status !== 429 && !stale) {
      if (status === 404) this.#feed.unknown();
      return this.#giveUp(problem);
    }
    if (stale) this.#feed.restart();
    this.#askLater(now);
  }

  #send(now, message) {
    this.#link.sentAt = now;
    this.#said.push({ send: message });
  }

  #hangUp(now, reason) {
    this.#said.push({ close: true });
    this.#lose(now, reason);
  }

  #lose(now, why) {
    const reason = this.#link?.closing ?? why;
    this.#link = null;
    this.#said.push({ lost: reason });
    // Reconnect at once only if nothing has failed: the new token may be no better.
    const atOnce = AT_ONCE.has(reason) && this.#failures === 0;
    const wait = this.#wait();
    this.#connectAt = atOnce ? now : now + wait;
    this.#connectIfDue(now);
  }

  #connectIfDue(now) {
    if (now < this.#connectAt) return;
    this.#connectAt = Infinity;
    this.#said.push({ connect: true });
  }

  #giveUp(problem) {
    this.#said.push({ refused: problem });
    if (this.#link) this.#said.push({ close: true });
    this.#link = null;
    this.#over = true;
  }

  /** Returns an exponential wait with full jitter. Failures count until a subscription succeeds. */
  #wait() {
    const bound = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
    this.#failures += 1;
    return this.#random() * bound;
  }
}

/** Returns the JSON object that `text` contains, or `null`. */
function parse(text) {
  try {
    const message = JSON.parse(text);
    return typeof message === 'object' ? message : null;
  } catch {
    return null;
  }
}
