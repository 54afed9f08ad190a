// What the browser keeps: the session's token, the lines that have not left yet, and the unfinished one. In this tab
// only (sessionStorage), unless "remember me" was pressed (localStorage). Where storage is forbidden, everything still
// works until the page closes.

export class Keep {
  #name;
  #token = null;

  constructor(name) {
    this.#name = `${name}.`;
    this.#token = this.#get(localStorage, "token") ?? this.#get(sessionStorage, "token");
  }

  get token() {
    return this.#token;
  }

  set token(value) {
    this.#token = value;
    this.#put(this.#store(), "token", value);
  }

  get remembered() {
    return this.#get(localStorage, "token") !== null;
  }

  // Move everything to where it is remembered, or back to this tab.
  remember(yes) {
    const [from, to] = yes ? [sessionStorage, localStorage] : [localStorage, sessionStorage];
    for (const key of this.#keys(from)) {
      if (key !== "token" && !key.startsWith("line.")) continue;
      this.#put(to, key, this.#get(from, key));
      this.#put(from, key, null);
    }
    this.#put(to, "token", this.#token);
  }

  // Lines lie apart from each other, so that two tabs of one session never overwrite each other's.
  hold(item) {
    this.#put(this.#store(), `line.${item.body.client_id}`, JSON.stringify(item));
  }

  release(id) {
    for (const store of [sessionStorage, localStorage]) this.#put(store, `line.${id}`, null);
  }

  get held() {
    const items = [];
    for (const key of this.#keys(this.#store())) {
      if (!key.startsWith("line.")) continue;
      try {
        items.push(JSON.parse(this.#get(this.#store(), key)));
      } catch {
        this.#put(this.#store(), key, null);
      }
    }
    return items.sort((a, b) => a.written - b.written);
  }

  get draft() {
    return this.#get(sessionStorage, "draft") ?? "";
  }

  set draft(text) {
    this.#put(sessionStorage, "draft", text || null);
  }

  forget() {
    this.#token = null;
    for (const store of [sessionStorage, localStorage])
      for (const key of this.#keys(store)) this.#put(store, key, null);
  }

  #store() {
    return this.remembered ? localStorage : sessionStorage;
  }

  #keys(store) {
    try {
      return Object.keys(store)
        .filter((key) => key.startsWith(this.#name))
        .map((key) => key.slice(this.#name.length));
    } catch {
      return [];
    }
  }

  #get(store, key) {
    try {
      return store.getItem(this.#name + key);
    } catch {
      return null;
    }
  }

  #put(store, key, value) {
    try {
      if (value === null) store.removeItem(this.#name + key);
      else store.setItem(this.#name + key, value);
    } catch {
      // forbidden or full: see above
    }
  }
}
