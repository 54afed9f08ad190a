// One conversation on a page: the log, the box to write in, the live line in and the ordered post out.
import { Composer } from "./composer.js";
import { Keep } from "./keep.js";
import { Live } from "./live.js";
import { Log } from "./log.js";
import { save, show, smaller } from "./media.js";
import { Post, call, newId } from "./post.js";
import { word } from "./words.js";

const LONGEST_TEXT = 8_000;
const LARGEST_FILE = 10 * 1024 * 1024;
const TYPING_LASTS = 6_000;
const ACK_TOGETHER = 40; // ms
const START = "/start"; // a button on this page; as a line it would only puzzle

export class Chat {
  #root;
  #keep;
  #log;
  #box;
  #post = null;
  #live = null;
  #on;
  #ready = false;
  #oldest = null;
  #acks = new Set();
  #ackTimer = 0;
  #typing = 0;
  #toast = 0;
  #opening = null;
  #down = { live: false, post: false }; // which of the two ways is cut
  #new = false; // this page began the session: nothing in it can be unread

  // Mounts into `root` a copy of the page's chat template. `name` keeps this chat's things apart in the browser.
  // `on` = {open(): a promise of a new token, unread(n), state(name), visible()}
  constructor(root, name, on) {
    root.append(document.getElementById("chat-template").content.cloneNode(true));
    this.#root = root;
    this.#on = on;
    this.#keep = new Keep(name);
    this.#log = new Log(root, {
      visible: () => !document.hidden && (on.visible?.() ?? true),
      press: (line, choice) => this.#press(line, choice),
      reply: (line) => this.#box.aim("reply", line),
      change: (line) => this.#box.aim("change", line),
      fetch: (line, element) => show(this.#keep.token, line, element),
      load: (line) => save(this.#keep.token, line).catch(() => this.say(word("media_missing"))),
    });
    this.#box = new Composer(root, LONGEST_TEXT, {
      say: (text, aim) => this.#say(text, aim),
      typing: () => this.#keep.token && call(this.#keep.token, "/chat/typing", {}).catch(() => {}),
      draft: (text) => (this.#keep.draft = text),
      file: (file) => this.#file(file),
    });
    this.#find(".older").addEventListener("click", () => this.#older());
    this.#find(".start").addEventListener("click", () => this.send(START));
    this.#find(".again").addEventListener("click", () => this.restart());
    document.addEventListener("visibilitychange", () => this.look());
    this.#find(".scroll").addEventListener("scroll", () => this.#tellUnread(), { passive: true });
    this.#begin();
  }

  get remembered() {
    return this.#keep.remembered;
  }

  get open() {
    return Boolean(this.#keep.token);
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }

  #begin() {
    this.#post = new Post(this.#keep, {
      open: () => this.#open(),
      sent: (item, answer) => this.#sent(item, answer),
      refused: (item, code) => this.#refused(item, code),
      gone: () => this.#over(),
      stuck: () => this.#stuck(),
    });
    this.#box.text = this.#keep.draft;
    this.#find(".hello").hidden = this.open;
    for (const item of this.#post.waiting) this.#local(item, "unsent");
    if (this.open) this.#listen();
    this.#post.flush();
  }

  #listen() {
    this.#log.quiet(true);
    this.#live = new Live(this.#keep.token, {
      event: (name, data) => this.#event(name, data),
      state: (state) => this.#state(state),
    });
    this.#live.start();
  }

  // A session begins with the first thing a person does, so that a mere look at the page leaves no trace. Rejects
  // when there is no way to the server now.
  #open() {
    this.#opening ??= this.#on
      .open()
      .then((token) => {
        this.#keep.token = token;
        this.#new = true;
        this.#find(".hello").hidden = true;
        this.#listen();
      })
      .finally(() => (this.#opening = null));
    return this.#opening;
  }

  // Begin this chat's session now, without waiting for a first line.
  async begin() {
    if (!this.open) await this.#open();
  }

  // The reader is looking again.
  look() {
    if (document.hidden) return;
    this.#log.look();
    this.#tellUnread();
  }

  send(text) {
    this.#say(text, null);
  }

  // Put words into the box, for the person to send.
  suggest(text) {
    this.#box.text = text;
    this.#box.focus();
  }

  #say(text, aim) {
    const client_id = newId();
    if (aim?.kind === "change") {
      const before = aim.line.text;
      if (text === before) return;
      this.#post.add("/chat/edit", { client_id, message: aim.line.id, text });
      this.#log.change({ kind: "edit", target: aim.line.id, text, mine: true });
      this.#log.state(aim.line.id, "sending");
      return;
    }
    const body = { client_id, text };
    if (aim) body.quote = aim.line.id;
    this.#local({ path: "/chat/messages", body, written: Date.now() }, "sending");
    this.#post.add("/chat/messages", body);
  }

  async #file(file) {
    const blob = await smaller(file);
    if (blob.size > LARGEST_FILE) return this.say(word("file_large"));
    const client_id = newId();
    const kind = blob.type.startsWith("image/") ? "photo" : "voice";
    const media = { kind, shown: true, local: URL.createObjectURL(blob) };
    this.#log.put({ ...this.#loose(client_id, "sending", Date.now()), kind: "media", text: "", media }, true);
    this.#post.add("/chat/media", { client_id }, blob);
  }

  // Show what has not reached the server yet.
  #local(item, state) {
    const { client_id, text, quote } = item.body;
    if (item.path !== "/chat/messages" || text === START) return;
    const line = { ...this.#loose(client_id, state, item.written), kind: "text", text };
    if (quote) line.quote = this.#log.get(quote)?.text ?? "";
    this.#log.put(line, true);
    this.#find(".hello").hidden = true;
  }

  #loose(id, state, at) {
    return { id, mine: true, state, at, loose: true, order: `~${String(at).padStart(15, "0")}` };
  }

  #press(line, choice) {
    if (line.pressed) return;
    line.pressed = choice.data;
    this.#log.redraw(line.id);
    this.#post.add("/chat/press", { client_id: newId(), message: line.id, data: choice.data });
  }

  #sent(item, answer) {
    this.#cut("post", false);
    if (answer.toast) this.say(answer.toast);
    if (item.path === "/chat/press") setTimeout(() => this.#unpress(item.body.message), 1_500);
    else this.#log.landed(item.path === "/chat/edit" ? item.body.message : item.body.client_id);
  }

  // A choice that the answer left standing may be made again.
  #unpress(id) {
    const line = this.#log.get(id);
    if (!line?.pressed) return;
    line.pressed = "";
    this.#log.redraw(id);
  }

  // The server will never take it: it goes back to where it can be mended.
  #refused(item, code) {
    if (item.path === "/chat/press") this.#unpress(item.body.message);
    if (item.path === "/chat/messages" || item.path === "/chat/media") this.#log.remove(item.body.client_id);
    if (item.body.text && item.body.text !== START) this.#giveBack(item.body.text);
    this.say(word(`refused_${code}`, word("refused")));
  }

  #giveBack(text) {
    this.#box.text = [text, this.#box.text].filter(Boolean).join("\n");
    this.#keep.draft = this.#box.text;
  }

  #stuck() {
    for (const { path, body } of this.#post.waiting)
      this.#log.state(path === "/chat/messages" || path === "/chat/media" ? body.client_id : body.message, "unsent");
    this.#cut("post", true);
  }

  #event(name, data) {
    if (name === "line") this.#line(data);
    else if (name === "change") this.#change(data);
    else if (name === "typing") this.#typed(data);
    else if (name === "nothing") this.#acknowledge(data.id);
    else if (name === "ready") this.#settled(data);
  }

  #line(line) {
    if (!line.mine) this.#acknowledge(line.id);
    if (line.mine && line.text === START) return;
    if (!line.mine) this.#showTyping(false);
    this.#quoteOf(line);
    this.#log.put(line, this.#ready);
    this.#tellUnread();
  }

  #quoteOf(line) {
    if (typeof line.quote === "string" && line.quote) line.quote = this.#log.get(line.quote)?.text || word("earlier");
  }

  #change(change) {
    if (!change.mine) this.#acknowledge(change.id);
    this.#log.change(change);
  }

  #settled({ before, unread, held }) {
    this.#log.spendAllBut(new Set(held));
    this.#post.flush();
    if (this.#ready) return;
    this.#ready = true;
    this.#oldest = before;
    this.#find(".older").hidden = !before;
    for (const id of this.#new ? [] : unread) this.#log.unread(id);
    this.#log.settle();
    this.#tellUnread();
    setTimeout(() => this.#log.quiet(false), 300); // what was filled in is not news
  }

  async #older() {
    const element = this.#find(".older");
    element.disabled = true;
    try {
      const answer = await call(this.#keep.token, "/chat/history", { before: this.#oldest });
      if (!answer.ok) throw new Error(String(answer.status));
      const { lines, changes, before } = await answer.json();
      for (const change of changes) this.#log.change(change);
      for (const line of lines) this.#quoteOf(line);
      this.#log.older(lines.filter((line) => line.text !== START));
      this.#oldest = before;
      element.hidden = !before;
    } catch {
      this.say(word("waiting"));
    }
    element.disabled = false;
  }

  // "Delivered" means that this page has it.
  #acknowledge(id) {
    this.#acks.add(id);
    this.#ackTimer ||= setTimeout(() => this.#sendAcks(), ACK_TOGETHER);
  }

  async #sendAcks() {
    this.#ackTimer = 0;
    const ids = [...this.#acks].slice(0, 200);
    if (!ids.length || !this.#keep.token) return;
    try {
      const answer = await call(this.#keep.token, "/chat/ack", { ids });
      if (answer.status >= 500) throw new Error(String(answer.status));
      for (const id of ids) this.#acks.delete(id);
    } catch {
      this.#ackTimer = setTimeout(() => this.#sendAcks(), 2_000);
      return;
    }
    if (this.#acks.size) this.#ackTimer ||= setTimeout(() => this.#sendAcks(), ACK_TOGETHER);
  }

  // Somebody writes; where that was told by a row of the outbox, it is acknowledged like any other.
  #typed({ id, late }) {
    if (id) this.#acknowledge(id);
    if (!late) this.#showTyping();
  }

  #showTyping(yes = true) {
    clearTimeout(this.#typing);
    this.#find(".typing").hidden = !yes;
    if (yes) this.#typing = setTimeout(() => this.#showTyping(false), TYPING_LASTS);
  }

  #state(state) {
    this.#cut("live", state === "waiting");
    if (state === "gone") this.#over();
  }

  #cut(way, down) {
    this.#down[way] = down;
    const waiting = this.#down.live || this.#down.post;
    const notice = this.#find(".quiet");
    const text = waiting ? word(navigator.onLine ? "waiting" : "offline") : "";
    if (notice.textContent !== text) notice.textContent = text; // a live region speaks whenever it is touched
    notice.hidden = !waiting;
    this.#on.state?.(waiting ? "waiting" : "live");
  }

  // The session has ended: by the person, by time, or because it was revoked (P4).
  #over() {
    if (!this.#keep.token) return;
    const unsent = this.#post.waiting.map((item) => item.body.text).filter((text) => text && text !== START);
    this.#close();
    if (unsent.length) this.#giveBack(unsent.join("\n"));
    this.#on.state?.("gone");
    this.#find(".over").hidden = false;
    this.#find(".composer").hidden = true;
    this.#find(".again").focus();
  }

  #close() {
    this.#live?.stop();
    this.#post.stop();
    this.#keep.forget();
    clearTimeout(this.#ackTimer);
    this.#acks.clear();
    this.#showTyping(false);
    this.#ready = false;
    this.#down = { live: false, post: false };
    this.#find(".quiet").hidden = true;
  }

  // Leave this session behind on this page, and begin another when somebody writes.
  restart() {
    const draft = this.#box.text;
    this.#close();
    this.#log.clear();
    this.#find(".over").hidden = true;
    this.#find(".composer").hidden = false;
    this.#find(".older").hidden = true;
    this.#keep.draft = draft;
    this.#begin();
    this.#tellUnread();
    this.#box.focus();
  }

  async remember(yes) {
    await this.begin();
    const answer = await call(this.#keep.token, "/chat/remember", { remember: yes });
    if (!answer.ok) throw new Error(String(answer.status));
    this.#keep.remember(yes);
  }

  // Forget everything on this device at once, and tell the server to let nobody back in.
  leave() {
    const token = this.#keep.token;
    this.#close();
    if (token) call(token, "/chat/leave", {}, { keepalive: true, signal: undefined }).catch(() => {});
  }

  say(text) {
    const element = this.#find(".toast");
    element.textContent = text;
    element.hidden = false;
    clearTimeout(this.#toast);
    this.#toast = setTimeout(() => (element.hidden = true), 5_000);
  }

  #tellUnread() {
    this.#on.unread?.(this.#log.behind);
  }
}
