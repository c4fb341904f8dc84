// Elements of pages. Whatever people have written becomes text, never markup.

/**
 * Makes an element. Children that are not nodes become text.
 *
 * @param {string} tag
 * @param {Record<string, string | boolean>} attributes
 * @param {...(Node | string)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '');
    else if (value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Sets a text only if it differs, so that nothing is announced or laid out twice. */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** The words of a name of the API: `picked_up` is “picked up”. */
export const words = (name) => String(name).replaceAll(/[_-]/g, ' ');

/** The name by which people know an order. */
export const called = (order) => order.external_id ?? order.id.slice(-8);

/** The time since an instant, in the largest unit that says something. */
export function age(since, now = Date.now()) {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** An instant as the person's clock shows it, with the day if it is not today. */
export function clock(at) {
  const time = new Date(at);
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? time.toLocaleTimeString() : time.toLocaleString();
}
