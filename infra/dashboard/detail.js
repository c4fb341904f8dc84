// The details of one order: its fields, the steps that the API allows now, and its history.

import { called, clock, element, words, write } from './elements.js';
import { Refusal } from './session.js';

/** The fields of the steps that take more than a note: their names, and whether they are required. */
const FIELDS = {
  acknowledge: [],
  assign: [['driver', true]],
  cancel: [['reason', true]],
  deliver: [['code', false]],
  'delivery-failed': [['reason', true]],
  fail: [['reason', true]],
  reassign: [['store', true]],
  reject: [['reason', true], ['reassign_to', false]],
  reopen: [['reason', true]],
  return: [['reason', false]],
  unassign: [['reason', false]],
};

/** The labels of fields whose names do not say enough. */
const LABELS = { reassign_to: 'Another store', code: 'Handover code' };

/** The steps that need a form of their own, or that a role other than these pages' takes. */
const ELSEWHERE = /^(substitutions|accept|decline)/;

/** The fields of an order that its own lines above do not show. */
const SHOWN = ['status', 'phase', 'merchant', 'store', 'driver', 'workflow', 'external_id'];
const TIMES = ['created_at', 'status_since', 'deadline', 'delayed_since', 'eta'];

/** The pane with an order's details. */
export class Detail {
  #session;
  #pane = document.querySelector('#detail');
  #parts = null;
  #id = null;
  #order = null;
  #operations = null;
  /** The step whose form is open, with the key under which its attempts take effect once. */
  #step = null;
  #reading = null;
  #isStale = false;
  /** Called when the user closes the pane. */
  onClose = () => {};

  constructor(session) {
    this.#session = session;
  }

  /** Shows an order; null closes the pane. */
  show(id) {
    if (id === this.#id) return;
    this.#id = id;
    this.#order = this.#operations = this.#step = null;
    this.#pane.hidden = id === null;
    this.#pane.replaceChildren();
    if (id === null) return;
    this.#build();
    this.#read();
    this.#parts.title.focus({ preventScroll: true });
  }

  /** Takes an order that has changed, or may have: reads the pane's order again. */
  changed(id, version = Infinity) {
    if (id === this.#id && version > (this.#order?.version ?? 0)) this.#read();
  }

  #build() {
    const close = element('button', { type: 'button', class: 'close' }, 'Close');
    close.addEventListener('click', () => this.onClose());
    const title = element('h2', { id: 'detail-title', tabindex: '-1' }, 'Order');
    const problem = element('p', { class: 'problem', role: 'alert', hidden: true });
    const said = element('p', { role: 'status', class: 'said' });
    const steps = element('div', { class: 'steps' });
    const form = element('div');
    const fields = element('dl');
    const history = element('ol', { class: 'history' });
    this.#parts = { title, problem, said, steps, form, fields, history };
    this.#pane.append(
      element('div', { class: 'head' }, title, close),
      said,
      element('h3', {}, 'Next steps'), steps, problem, form,
      element('h3', {}, 'Order'), fields,
      element('h3', {}, 'History'), history,
    );
  }

  /** Reads the order, its steps and its history; a call during a reading repeats it. */
  async #read() {
    const id = this.#id;
    if (this.#reading === id) {
      this.#isStale = true;
      return;
    }
    this.#reading = id;
    try {
      do {
        this.#isStale = false;
        const path = `orders/${encodeURIComponent(id)}`;
        const [order, steps, events] = await Promise.all([
          this.#session.call('GET', path),
          this.#session.call('GET', `${path}/allowed`),
          this.#history(path),
        ]);
        if (this.#id !== id) return;
        this.#render(order.data, steps.data, events);
      } while (this.#isStale);
    } catch (error) {
      if (this.#id === id) this.#explain(error);
    } finally {
      if (this.#reading === id) this.#reading = null;
    }
  }

  /** Reads all pages of a history. */
  async #history(path) {
    const events = [];
    let query = '';
    do {
      const { data } = await this.#session.call('GET', `${path}/history${query}`);
      events.push(...data.events);
      query = data.next && `?cursor=${encodeURIComponent(data.next)}`;
    } while (query);
    return events;
  }

  #render(order, { operations }, events) {
    const { title, fields, history } = this.#parts;
    this.#order = order;
    write(title, `Order ${called(order)}`);
    const lines = [
      ['id', order.id],
      ...SHOWN.filter((name) => order[name]).map((name) => [name, isName(name) ? order[name] : words(order[name])]),
      ...TIMES.filter((name) => order[name]).map((name) => [name, clock(order[name])]),
      ...Object.entries(order.customer ?? {}).map(([name, value]) => [`customer ${name}`, value]),
      ...Object.entries(order.addresses ?? {}).map(([name, value]) => [name, value]),
      ...(order.items ?? []).map((item, at) => [`item ${at + 1}`, item]),
      ...Object.entries(order.metadata ?? {}),
    ];
    fields.replaceChildren(
      ...lines.flatMap(([name, value]) => [element('dt', {}, words(name)), element('dd', {}, plain(value))]),
    );
    history.replaceChildren(...events.toReversed().map(entry));
    this.#offer(operations);
  }

  /** Offers a button for each step that is allowed now. */
  #offer(operations) {
    const { steps } = this.#parts;
    if (String(operations) !== String(this.#operations)) {
      this.#operations = operations;
      const here = operations.filter((it) => !ELSEWHERE.test(it));
      steps.replaceChildren(...here.map((operation) => {
        const button = element('button', { type: 'button', 'data-step': operation }, words(operation));
        button.addEventListener('click', () => this.#begin(operation));
        return button;
      }));
      if (!here.length) steps.append(element('p', {}, 'There is no step for you here now.'));
      const others = operations.filter((it) => ELSEWHERE.test(it));
      if (others.length) steps.append(element('p', {}, `Over the API also: ${others.map(words).join(', ')}.`));
    }
    this.#mark();
  }

  /** Keeps the form of a step that is not allowed any more, with what the person has written. */
  #mark() {
    const { steps, form } = this.#parts;
    for (const button of steps.querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(button.dataset.step === this.#step?.operation));
    }
    if (!this.#step) return;
    const isAllowed = this.#operations.includes(this.#step.operation);
    form.querySelector('[type=submit]').disabled = !isAllowed;
    form.querySelector('.gone').hidden = isAllowed;
  }

  #begin(operation) {
    const { form, problem, said } = this.#parts;
    problem.hidden = true;
    write(said, '');
    this.#step = { operation, key: crypto.randomUUID() };
    const fields = [...(FIELDS[operation] ?? []), ['note', false]].map(([name, required]) => {
      const input = element(name === 'note' || name === 'reason' ? 'textarea' : 'input', {
        name, required, rows: '2', autocomplete: 'off',
      });
      const optional = required ? '' : ' (optional)';
      return element('label', {}, (LABELS[name] ?? titled(name)) + optional, input);
    });
    const submit = element('button', { type: 'submit', class: 'main' }, words(operation));
    const cancel = element('button', { type: 'button' }, 'Leave it');
    cancel.addEventListener('click', () => this.#end());
    const gone = element('p', { class: 'gone', hidden: true }, 'This step is not possible any more; what you wrote is kept.');
    const made = element('form', { 'aria-label': words(operation) }, ...fields, gone, element('div', {}, submit, cancel));
    made.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#take(made, submit);
    });
    // Another body under the same key would be refused.
    made.addEventListener('input', () => {
      if (this.#step) this.#step.key = crypto.randomUUID();
    });
    form.replaceChildren(made);
    this.#mark();
    made.querySelector('input, textarea').focus();
  }

  #end() {
    const { form, steps, problem } = this.#parts;
    this.#step = null;
    form.replaceChildren();
    problem.hidden = true;
    this.#mark();
    steps.querySelector('button')?.focus();
  }

  /** Takes the step on the version that the person sees: of two people, the second is told. */
  async #take(form, submit) {
    const id = this.#id;
    const { operation, key } = this.#step;
    const body = {};
    for (const [name, value] of new FormData(form)) {
      if (value.trim() === '') continue;
      if (name === 'code') body.proof = { code: value.trim() };
      else body[name] = value;
    }
    const headers = { 'idempotency-key': key, 'if-match': `"${this.#order.version}"` };
    submit.disabled = true;
    try {
      await this.#session.call('POST', `orders/${encodeURIComponent(id)}/${operation}`, { body, headers });
      if (this.#id !== id) return;
      this.#end();
      write(this.#parts.said, `Done: ${words(operation)}.`);
    } catch (error) {
      if (this.#id !== id) return;
      submit.disabled = false;
      this.#explain(error);
      // The next attempt is another request, on the version that is read now.
      if (error instanceof Refusal && this.#step) this.#step.key = crypto.randomUUID();
      await this.#read();
      const isOvertaken = error instanceof Refusal && [409, 412].includes(error.status);
      if (!isOvertaken || this.#id !== id) return;
      write(this.#parts.said, `The order is ${words(this.#order.status)} now; its history below says by whom.`);
      return;
    }
    this.#read();
  }

  /** Says in the API's own words why it refused. */
  #explain(error) {
    const { problem } = this.#parts;
    problem.hidden = false;
    if (!(error instanceof Refusal)) {
      write(problem, 'The API does not respond. Try again: what you wrote is kept, and takes effect once.');
      return;
    }
    const { title, errors = [] } = error.problem;
    const fields = errors.map((it) => `${it.pointer?.replace('/', '')}: ${it.detail}`);
    write(problem, [title && `${title}:`, error.message, ...fields].filter(Boolean).join(' '));
  }
}

/** True for a field whose value is somebody's own name for something. */
const isName = (name) => !['status', 'phase'].includes(name);

/** The words of a name, as a label begins. */
const titled = (name) => words(name).replace(/^./, (first) => first.toUpperCase());

/** A value as text: of a group of fields, each with its name. */
function plain(value) {
  if (value === null || typeof value !== 'object') return String(value);
  return Object.entries(value).map(([name, it]) => (Array.isArray(value) ? plain(it) : `${words(name)}: ${plain(it)}`)).join(', ');
}

/** An entry of the history. */
function entry({ type, at, actor, note, message, data }) {
  const by = [actor?.role, actor?.id].filter(Boolean).join(' ');
  const made = element('li', {}, element('b', {}, words(type)), ' ', element('time', { datetime: at }, clock(at)), ` by ${by}`);
  for (const text of [note, message, plain(data ?? {})]) {
    if (text) made.append(element('p', {}, text));
  }
  return made;
}
