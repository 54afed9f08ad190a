// What leaves the browser leaves in order, one after the other, and once: each thing carries a client_id by which the
// server knows it again, so repeating after a broken line is harmless.

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
const PATIENCE = 20_000;

export class Post {
  #keep;
  #on;
  #items;
  #busy = false;
  #timer = 0;
  #pause = 0;
  #stopped = false;

  // `on` = {open(): a promise of a session, sent(item, answer), refused(item, code), gone(), stuck()}. An item is
  // {path, body, written}; body.client_id names it.
  constructor(keep, on) {
    this.#keep = keep;
    this.#on = on;
    this.#items = keep.held;
    addEventListener("online", this.flush);
  }

  get waiting() {
    return [...this.#items];
  }

  // `file` is a blob to upload instead of a JSON body; it lives as long as the page.
  add(path, body, file = null) {
    const item = { path, body, written: Date.now() };
    if (file) item.file = file;
    else this.#keep.hold(item);
    this.#items.push(item);
    this.flush();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    removeEventListener("online", this.flush);
  }

  flush = async () => {
    if (this.#busy || this.#stopped || !this.#items.length) return;
    clearTimeout(this.#timer);
    this.#busy = true;
    try {
      while (!this.#stopped && this.#items.length) {
        const item = this.#items[0];
        if (!(await this.#send(item))) break;
        this.#items.shift();
        this.#keep.release(item.body.client_id);
      }
    } finally {
      this.#busy = false;
    }
  };

  async #send(item) {
    let answer;
    try {
      if (!this.#keep.token) await this.#on.open();
      answer = item.file
        ? await upload(this.#keep.token, item.path, item.body, item.file)
        : await call(this.#keep.token, item.path, item.body);
    } catch {
      return this.#later();
    }
    if (answer.ok) {
      this.#pause = 0;
      this.#on.sent(item, await answer.json().catch(() => ({})));
      return true;
    }
    if (answer.status === 401) {
      this.#on.gone();
      return false;
    }
    if (answer.status >= 500 || answer.status === 429) return this.#later();
    const problem = await answer.json().catch(() => ({}));
    this.#on.refused(item, problem.code ?? "refused");
    return true;
  }

  #later() {
    this.#on.stuck();
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause ? this.#pause * 2 : FIRST_PAUSE);
    this.#timer = setTimeout(this.flush, this.#pause);
    return false;
  }
}

export function call(token, path, body, more = {}) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const signal = AbortSignal.timeout(PATIENCE);
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body), cache: "no-store", signal, ...more });
}

// The bytes alone: no file name leaves the browser (P1).
function upload(token, path, body, file) {
  const headers = { "Content-Type": file.type, "X-Client-Id": body.client_id, Authorization: `Bearer ${token}` };
  return fetch(path, { method: "POST", headers, body: file, cache: "no-store", signal: AbortSignal.timeout(120_000) });
}

// randomUUID exists only in secure contexts; a school's test server on plain http has getRandomValues alone.
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
