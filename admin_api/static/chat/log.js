// The conversation on the screen: every line once, in the server's order, with days and the unread mark between.
import { bubble, draw, spend } from "./bubble.js";
import { make } from "./dom.js";
import { Scroll } from "./scroll.js";
import { dayName, midnight, word } from "./words.js";

export class Log {
  #lines;
  #scroll;
  #act;
  #known = new Map(); // id -> {line, element}
  #edits = new Map(); // id -> changes of a line that is not on the page yet
  #mark = null;
  #frame = 0;

  constructor(root, act) {
    this.#lines = root.querySelector(".lines");
    this.#scroll = new Scroll(root.querySelector(".scroll"), root.querySelector(".newest"), act.visible);
    this.#act = act;
    this.#lines.addEventListener("click", (event) => this.#tapped(event));
  }

  // A tap on a line shows what can be done with it; a mouse need only point.
  #tapped(event) {
    if (event.target.closest(".act")) event.target.closest(".line").classList.remove("open");
    const line = event.target.closest(".bubble")?.parentElement;
    if (!line || event.target.closest("a, button, audio, video") || !getSelection().isCollapsed) return;
    const open = !line.classList.contains("open");
    for (const other of this.#lines.querySelectorAll(".line.open")) other.classList.remove("open");
    line.classList.toggle("open", open);
  }

  get empty() {
    return this.#known.size === 0;
  }

  get behind() {
    return this.#scroll.behind;
  }

  get(id) {
    return this.#known.get(id)?.line;
  }

  // Silence for the screen reader while the past is filled in.
  quiet(yes) {
    this.#lines.setAttribute("aria-live", yes ? "off" : "polite");
    this.#lines.setAttribute("aria-busy", String(yes));
  }

  // A line; one that is known already is only confirmed. `fresh`: it has just happened.
  put(line, fresh) {
    const known = this.#known.get(line.id);
    if (known) return this.#confirm(known, line);
    for (const change of this.#edits.get(line.id) ?? []) apply(line, change);
    this.#edits.delete(line.id);
    const entry = { line, element: bubble(line, this.#act) };
    if (fresh) entry.element.classList.add("fresh");
    this.#known.set(line.id, entry);
    this.#place(entry);
    if (!fresh) return;
    if (line.mine) this.toEnd();
    else if (!this.#act.visible() || !this.#scroll.atEnd) this.unread(line.id);
  }

  // An edit, or buttons that are spent.
  change(change) {
    const known = this.#known.get(change.target);
    if (!known) {
      this.#edits.set(change.target, [...(this.#edits.get(change.target) ?? []), change]);
      return;
    }
    apply(known.line, change);
    if (change.kind === "unbutton") spend(known.element);
    else draw(known.element, known.line, this.#act);
  }

  // Buttons can be pressed under these lines only; elsewhere they were spent while this page was cut off.
  spendAllBut(held) {
    for (const { line, element } of this.#known.values()) {
      if (!line.buttons?.length || held.has(line.id)) continue;
      line.buttons = [];
      spend(element);
    }
  }

  state(id, state) {
    const known = this.#known.get(id);
    if (!known || known.line.state === state) return;
    known.line.state = state;
    draw(known.element, known.line, this.#act);
  }

  redraw(id) {
    const known = this.#known.get(id);
    if (known) draw(known.element, known.line, this.#act);
  }

  clear() {
    this.#known.clear();
    this.#edits.clear();
    this.#mark = null;
    this.#lines.replaceChildren();
    this.toEnd();
  }

  remove(id) {
    this.#known.get(id)?.element.remove();
    this.#known.delete(id);
    this.#weave();
  }

  // This line, and what follows it, is new to the reader.
  unread(id) {
    const known = this.#known.get(id);
    if (!known) return;
    if (!this.#scroll.behind) {
      this.#mark?.remove();
      this.#mark = make("div", "unread", word("unread"));
      known.element.before(this.#mark);
    }
    this.#scroll.missed();
  }

  toEnd(smooth = false) {
    this.#scroll.toEnd(smooth);
  }

  // The reader is looking again.
  look() {
    this.#scroll.look();
  }

  // The past is filled in: begin where the reader left off.
  settle() {
    this.#weave();
    if (this.#mark?.isConnected) this.#scroll.toMark(this.#mark);
    else this.toEnd();
  }

  // Older lines, above what is read now.
  older(lines) {
    this.#scroll.still(() => {
      for (const line of lines) this.put(line, false);
      this.#weave();
    });
  }

  // The server has it, though its own word on the line's place has not come yet.
  landed(id) {
    const known = this.#known.get(id);
    if (!known) return;
    known.line.state = "";
    if (known.line.loose) known.line.order = `${this.#latest()}~${known.line.order}`;
    draw(known.element, known.line, this.#act);
    this.#place(known);
  }

  #latest() {
    let latest = "";
    for (const { line } of this.#known.values()) if (!line.loose && line.order > latest) latest = line.order;
    return latest;
  }

  #confirm(known, line) {
    if (!known.line.loose || line.loose) return;
    Object.assign(known.line, line, { state: "", loose: false });
    draw(known.element, known.line, this.#act);
    this.#place(known);
  }

  // Before the first line that is later. What has not left yet has an order that stands last.
  #place({ line, element }) {
    let before = null;
    for (let at = this.#lines.lastElementChild; at; at = at.previousElementSibling) {
      if (at === element || !at.dataset.id) continue;
      if (this.get(at.dataset.id).order <= line.order) break;
      before = at;
    }
    if (!element.isConnected || element.nextElementSibling !== before) this.#lines.insertBefore(element, before);
    this.#frame ||= requestAnimationFrame(() => this.#weave());
  }

  // The days between the lines, and which line goes on in the voice of the one before. Only what is wrong is touched:
  // a live region reads out everything that is put into it.
  #weave() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    let day = 0;
    let voice = "";
    let sign = null; // the day's sign that stands just before this line
    for (const element of [...this.#lines.children]) {
      if (element.classList.contains("day")) {
        sign?.remove();
        sign = element;
        continue;
      }
      const line = this.get(element.dataset.id);
      if (!line) {
        voice = "";
        continue;
      }
      const today = midnight(line.at || Date.now());
      if (today === day) sign?.remove();
      else if (Number(sign?.dataset.day) !== today) {
        sign?.remove();
        const before = element.previousElementSibling;
        this.#lines.insertBefore(daySign(today), before && before === this.#mark ? before : element);
      }
      if (today !== day) voice = "";
      day = today;
      sign = null;
      const speaks = line.mine ? "mine" : line.person ? "peer" : "bot";
      element.classList.toggle("follows", speaks === voice);
      voice = speaks;
    }
    sign?.remove();
  }
}

function daySign(day) {
  const sign = make("div", "day", dayName(day));
  sign.dataset.day = day;
  return sign;
}

function apply(line, change) {
  if (change.kind === "edit") {
    line.text = change.text;
    line.edited = change.person || change.mine;
  }
  line.buttons = change.buttons ?? [];
  line.pressed = "";
}
