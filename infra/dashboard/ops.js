// /ops: the open orders, live, for operations and support.

import { Detail } from './detail.js';
import { clock, write } from './elements.js';
import { List } from './list.js';
import { follow } from './live.js';
import { Session } from './session.js';

const find = (selector) => document.querySelector(selector);

/** The interval at which ages are counted on. */
const AGES = 20_000;

/** Says how current the list is: `live`, `catching-up`, `offline` or `refused`. */
function connection(state, text) {
  find('#connection').dataset.state = state;
  write(find('#connection'), text);
}

async function start() {
  let session;
  try {
    session = await Session.open();
  } catch (error) {
    welcome(null, error);
    return;
  }
  if (session.isSignedIn) work(session);
  else welcome(session);
}

/** Asks the user to sign in; without a session, the page has to be loaded again for that. */
function welcome(session, error) {
  connection('waiting', 'Not signed in');
  find('#welcome').hidden = false;
  find('#welcome-problem').hidden = !error;
  write(find('#welcome-problem'), error?.message ?? '');
  find('#sign-in').addEventListener('click', () => signIn(session));
}

async function signIn(session) {
  try {
    if (!session) throw new Error('The sign-in could not start.');
    await session.signIn();
  } catch {
    location.reload();
  }
}

function work(session) {
  find('#desk').hidden = false;
  write(find('#person'), session.person);
  find('#sign-out').hidden = false;
  find('#sign-out').addEventListener('click', () => location.assign('./'));
  find('#sign-in-again').addEventListener('click', () => session.signIn());
  session.onEnded = () => (find('#ended').hidden = false);

  const list = new List();
  const detail = new Detail(session);
  address(list, detail);

  let lostAt = null;
  let isCurrent = false;
  connection('catching-up', 'Catching up');
  const live = follow('orders', {
    url: session.liveUrl,
    ticket: async () => (await session.call('POST', 'live/tickets')).data.ticket,
    onOrder: (order) => {
      list.changed();
      detail.changed(order.id, order.version);
    },
    onRemoved: (id) => {
      list.changed();
      detail.changed(id);
    },
    onCurrent: () => {
      connection('live', 'Live');
      lostAt = null;
      isCurrent = true;
      list.changed();
      detail.changed(new URLSearchParams(location.search).get('order'));
    },
    onLost: () => {
      lostAt ??= Date.now();
      connection('offline', `Offline since ${clock(lostAt)}`);
    },
    onRefused: (problem) => connection('refused', problem.detail ?? problem.title ?? 'Refused'),
  });
  list.onCount = (shown, all) => {
    write(find('#count'), `${shown.toLocaleString()} of ${all.toLocaleString()} open orders`);
    find('#orders').hidden = isCurrent && shown === 0;
    find('#empty').hidden = !isCurrent || shown > 0;
    find('#empty-help').hidden = all > 0;
    write(find('#empty-text'), all > 0 ? 'No open order passes the filters.' : 'There are no open orders.');
  };
  list.show(live.orders);
  setInterval(() => list.changed(false), AGES);
}

/** Keeps the filters and the chosen order in the URL, and follows it. */
function address(list, detail) {
  const filters = find('#filters');
  const apply = () => {
    const query = new URLSearchParams(location.search);
    for (const field of filters.elements) {
      if (!field.name) continue;
      if (field.type === 'checkbox') field.checked = query.has(field.name);
      else if (field !== document.activeElement) field.value = query.get(field.name) ?? '';
    }
    list.filter(query);
    list.choose(query.get('order'));
    detail.show(query.get('order'));
  };
  const go = (query, isStep) => {
    const text = String(query);
    history[isStep ? 'pushState' : 'replaceState'](null, '', text ? `?${text}` : location.pathname);
  };
  const open = (id) => {
    const query = new URLSearchParams(location.search);
    if (id === null) query.delete('order');
    else query.set('order', id);
    go(query, true);
    list.choose(id);
    detail.show(id);
  };
  filters.addEventListener('input', () => {
    const order = new URLSearchParams(location.search).get('order');
    const given = [...new FormData(filters)].filter(([, value]) => value.trim() !== '');
    if (order) given.push(['order', order]);
    const query = new URLSearchParams(given);
    go(query, false);
    list.filter(query);
  });
  filters.addEventListener('submit', (event) => event.preventDefault());
  list.onOpen = open;
  detail.onClose = () => {
    const id = new URLSearchParams(location.search).get('order');
    open(null);
    find(`tr[data-id="${CSS.escape(id ?? '')}"] a`)?.focus();
  };
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !find('#detail').hidden) detail.onClose();
  });
  addEventListener('popstate', apply);
  apply();
}

start();
