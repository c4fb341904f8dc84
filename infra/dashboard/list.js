// The list of open orders: filtered by the URL's query, newest first. Only the rows in sight are
// elements.

import { age, called, element, words, write } from './elements.js';

/** The rows beyond each edge of what is in sight. */
const SPARE = 8;

/** The filters that hold if the order's value contains the text. */
const FIELDS = ['status', 'phase', 'merchant', 'store', 'driver'];

/** The classes of the cells of a row, which a narrow screen lays out by them. */
const CELLS = ['order', 'status', 'merchant', 'store', 'driver', 'age'];

/** True if an order passes the filters of a query. */
export function passes(order, query) {
  if (query.get('delayed') && !order.delayed_since) return false;
  for (const field of FIELDS) {
    const wanted = query.get(field);
    const value = order[field] ?? '';
    if (!wanted) continue;
    if (field === 'phase' ? value !== wanted : !same(value).includes(same(wanted))) return false;
  }
  const wanted = query.get('q');
  const names = [order.id, order.external_id ?? '', order.customer?.reference ?? ''];
  return !wanted || names.some((name) => same(name).includes(same(wanted)));
}

/** A text as filters compare it: “picked up” is `picked_up`. */
const same = (text) => text.trim().toLowerCase().replaceAll(' ', '_');

/** The table of orders. */
export class List {
  #scroll = document.querySelector('#scroll');
  #table = document.querySelector('#orders');
  #body = this.#table.tBodies[0];
  #above = spacer();
  #below = spacer();
  #rows = new Map();
  #orders = new Map();
  #shown = [];
  #sorted = null;
  #query = new URLSearchParams();
  #chosen = null;
  #isDue = false;
  /** Called with the id of the order that the user opens. */
  onOpen = () => {};
  /** Called with the numbers of orders in the list and in total. */
  onCount = () => {};

  constructor() {
    this.#body.append(this.#above, this.#below);
    this.#scroll.addEventListener('scroll', () => this.#draw(), { passive: true });
    new ResizeObserver(() => this.#draw()).observe(this.#scroll);
    this.#body.addEventListener('click', (event) => this.#open(event));
    this.#body.addEventListener('keydown', (event) => this.#move(event));
  }

  /** Shows these orders from now on, a map that others change; tell of changes with `changed`. */
  show(orders) {
    this.#orders = orders;
    this.changed();
  }

  /** Applies a query. */
  filter(query) {
    this.#query = query;
    this.#scroll.scrollTop = 0;
    this.changed(false);
  }

  /** Marks the order whose details are open. */
  choose(id) {
    this.#chosen = id;
    this.#draw();
  }

  /** Lists again before the next frame, however many changes there are until then. */
  changed(areOthers = true) {
    if (areOthers) this.#sorted = null;
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#list();
    });
  }

  #list() {
    const newest = (a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0);
    this.#sorted ??= [...this.#orders.values()].sort(newest).map(({ id }) => id);
    this.#shown = this.#sorted.filter((id) => {
      const order = this.#orders.get(id);
      return order && passes(order, this.#query);
    });
    this.#table.setAttribute('aria-rowcount', String(this.#shown.length + 1));
    this.onCount(this.#shown.length, this.#orders.size);
    this.#draw();
  }

  /** Makes the rows in sight, and reuses those that were there. */
  #draw() {
    const height = this.#rowHeight();
    const head = this.#table.tHead.offsetHeight;
    const first = Math.max(0, Math.floor((this.#scroll.scrollTop - head) / height) - SPARE);
    const count = Math.ceil(this.#scroll.clientHeight / height) + 2 * SPARE;
    const ids = this.#shown.slice(first, first + count);
    const wanted = new Set(ids);
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    let before = this.#above;
    ids.forEach((id, at) => {
      const row = this.#rows.get(id) ?? this.#add(id);
      this.#fill(row, this.#orders.get(id));
      row.setAttribute('aria-rowindex', String(first + at + 2));
      if (before.nextSibling !== row) before.after(row);
      before = row;
    });
    this.#above.firstChild.style.height = `${first * height}px`;
    this.#below.firstChild.style.height = `${Math.max(0, this.#shown.length - first - ids.length) * height}px`;
  }

  #rowHeight() {
    return Number.parseFloat(getComputedStyle(this.#table).getPropertyValue('--row')) || 44;
  }

  #add(id) {
    const row = element('tr', { role: 'row' });
    row.dataset.id = id;
    row.append(...CELLS.map((name) => element('td', { role: 'cell', class: name })));
    row.firstChild.append(element('a', {}));
    this.#rows.set(id, row);
    return row;
  }

  #fill(row, order) {
    const [name, status, merchant, store, driver, since] = row.children;
    const query = new URLSearchParams(location.search);
    query.set('order', order.id);
    name.firstChild.href = `?${query}`;
    write(name.firstChild, called(order));
    const phase = words(order.phase);
    write(status, words(order.status) === phase ? phase : `${words(order.status)} · ${phase}`);
    write(merchant, order.merchant);
    write(store, order.store ?? '–');
    write(driver, order.driver ?? '–');
    write(since, age(order.created_at) + (order.delayed_since ? ' · delayed' : ''));
    row.classList.toggle('delayed', Boolean(order.delayed_since));
    row.classList.toggle('chosen', order.id === this.#chosen);
    if (order.id === this.#chosen) name.firstChild.setAttribute('aria-current', 'true');
    else name.firstChild.removeAttribute('aria-current');
  }

  #open(event) {
    const id = event.target.closest('tr')?.dataset.id;
    // A new tab is the browser's affair.
    if (!id || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.onOpen(id);
  }

  /** Moves the focus along the list, also to rows that are not elements yet. */
  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = this.#shown.indexOf(event.target.closest('tr')?.dataset.id);
    const id = step && this.#shown[at + step];
    if (at < 0 || !id) return;
    event.preventDefault();
    const height = this.#rowHeight();
    const top = (at + step) * height;
    const space = this.#scroll.clientHeight - this.#table.tHead.offsetHeight - height;
    if (top < this.#scroll.scrollTop) this.#scroll.scrollTop = top;
    if (top > this.#scroll.scrollTop + space) this.#scroll.scrollTop = top - space;
    this.#draw();
    this.#rows.get(id)?.querySelector('a').focus({ preventScroll: true });
  }
}

/** A row that takes the place of those out of sight. */
function spacer() {
  return element('tr', { 'aria-hidden': 'true', class: 'spacer' }, element('td', { colspan: '6' }));
}
