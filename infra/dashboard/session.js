// Sign-in by OpenID Connect: the authorization code flow with PKCE. Tokens stay in this module's
// memory: no script of a later visit can find them.

/** The verifier and the state of a sign-in that is under way, until the issuer leads back. */
const PENDING = 'waybill-sign-in';

/** The longest delay of a timer. */
const MOST_MILLISECONDS = 2 ** 31 - 1;

/** A response of the API other than the one that was asked for. */
export class Refusal extends Error {
  /** @param {number} status @param {object} problem the body, which is RFC 9457 or API Gateway's */
  constructor(status, problem) {
    super(problem?.detail ?? problem?.message ?? `The API responded with ${status}.`);
    this.status = status;
    this.problem = problem ?? {};
  }
}

/** The sign-in of the page's user. */
export class Session {
  #config;
  #endpoints;
  #tokens = null;
  #refreshing = null;
  #timer;
  /** Called when the user has to sign in again. */
  onEnded = () => {};

  /** Reads where to sign in, and completes a sign-in from which the issuer leads back. */
  static async open() {
    const session = new Session();
    session.#config = await json(await fetch('config.json'));
    const { code, state, error } = Object.fromEntries(new URLSearchParams(location.search));
    const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? 'null');
    if (!pending || !(code || error)) return session;
    sessionStorage.removeItem(PENDING);
    // The code must not stay in the address, which people copy.
    history.replaceState(null, '', location.pathname + pending.search);
    if (error || state !== pending.state) throw new Error('The sign-in was not completed.');
    await session.#exchange({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri(),
      code_verifier: pending.verifier,
    });
    return session;
  }

  get isSignedIn() {
    return this.#tokens !== null;
  }

  /** The name of the person, or the id, as the token has it. */
  get person() {
    const { name, email, sub } = claims(this.#tokens.id_token);
    return name ?? email ?? sub;
  }

  get liveUrl() {
    return here(this.#config.live_url).href;
  }

  /** Leads to the issuer, which leads back to this page. */
  async signIn() {
    const { authorization_endpoint: endpoint } = await this.#discover();
    const [verifier, state] = [random(), random()];
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
    sessionStorage.setItem(PENDING, JSON.stringify({ verifier, state, search: location.search }));
    const target = here(endpoint);
    target.search = new URLSearchParams({
      response_type: 'code',
      client_id: this.#config.client_id,
      redirect_uri: redirectUri(),
      scope: 'openid',
      state,
      code_challenge: encoded(new Uint8Array(digest)),
      code_challenge_method: 'S256',
    });
    location.assign(target);
  }

  /**
   * Calls the API, and once more with a new token if the token has expired meanwhile.
   *
   * @returns {Promise<{ data: any, headers: Headers }>}
   * @throws {Refusal} if the response is no success
   */
  async call(method, path, { body, headers } = {}) {
    const send = () => {
      const all = { ...headers, authorization: `Bearer ${this.#tokens?.id_token}` };
      if (body) all['content-type'] = 'application/json';
      return fetch(path, { method, headers: all, body: body && JSON.stringify(body) });
    };
    let response = await send();
    if (response.status === 401) {
      await this.#refresh();
      response = await send();
    }
    const data = await json(response);
    if (!response.ok) throw new Refusal(response.status, data);
    return { data, headers: response.headers };
  }

  async #discover() {
    const path = '.well-known/openid-configuration';
    this.#endpoints ??= await json(await fetch(here(`${this.#config.issuer}/${path}`)));
    return this.#endpoints;
  }

  async #exchange(fields) {
    const { token_endpoint: endpoint } = await this.#discover();
    const body = new URLSearchParams({ client_id: this.#config.client_id, ...fields });
    const response = await fetch(here(endpoint), { method: 'POST', body });
    const tokens = await json(response);
    if (!response.ok) throw new Refusal(response.status, { detail: tokens?.error_description });
    this.#tokens = { ...this.#tokens, ...tokens };
    clearTimeout(this.#timer);
    // A fifth of the lifetime is left for the attempts of a page without a network.
    const delay = Math.min(tokens.expires_in * 800, MOST_MILLISECONDS);
    this.#timer = setTimeout(() => this.#refresh().catch(() => {}), delay);
  }

  /** Gets new tokens; of several calls at once, one asks. */
  #refresh() {
    const refresh = async () => {
      try {
        const token = this.#tokens?.refresh_token;
        if (!token) throw new Refusal(401, { detail: 'Your sign-in has ended.' });
        await this.#exchange({ grant_type: 'refresh_token', refresh_token: token });
      } catch (error) {
        if (error instanceof Refusal) this.onEnded();
        throw error;
      } finally {
        this.#refreshing = null;
      }
    };
    return (this.#refreshing ??= refresh());
  }
}

/** The JSON of a response; null if it has none. */
async function json(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * An address under the page's own host if it is of a runner, which is one origin under several
 * names, such as `localhost`. No deployed address begins with `http:` or `ws:`.
 */
function here(url) {
  const address = new URL(url);
  if (address.protocol === 'http:' || address.protocol === 'ws:') address.host = location.host;
  return address;
}

/** Issuers compare it as a whole, so it has no query. */
const redirectUri = () => location.origin + location.pathname;

const random = () => encoded(crypto.getRandomValues(new Uint8Array(32)));

const encoded = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

function claims(token) {
  const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(payload), (it) => it.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
