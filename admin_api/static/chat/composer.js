// The box to write in: grows with the text, sends by Enter where there is a keyboard, counts near the limit.
import { fill } from "./dom.js";
import { word } from "./words.js";

const NEAR = 500; // characters left from which on they are counted
const TYPING_EVERY = 4_000;

export class Composer {
  #form;
  #box;
  #send;
  #count;
  #bar;
  #limit;
  #on;
  #aim = null; // {kind: "reply" | "change", line}
  #told = 0;

  // `on` = {say(text, aim), typing(), draft(text), file(file)}
  constructor(root, limit, on) {
    this.#form = root.querySelector(".composer");
    this.#box = root.querySelector("textarea");
    this.#send = root.querySelector(".send");
    this.#count = root.querySelector(".count");
    this.#bar = root.querySelector(".aim");
    this.#limit = limit;
    this.#on = on;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.#box.addEventListener("input", () => this.#changed(true));
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    this.#bar.querySelector("button").addEventListener("click", () => this.aim(null));
    const file = root.querySelector("input[type=file]");
    root.querySelector(".attach").addEventListener("click", () => file.click());
    file.addEventListener("change", () => {
      if (file.files[0]) on.file(file.files[0]);
      file.value = "";
    });
    this.#changed(false);
  }

  get text() {
    return this.#box.value;
  }

  set text(value) {
    this.#box.value = value;
    this.#changed(false);
  }

  focus() {
    this.#box.focus({ preventScroll: true });
  }

  // What the next line is about: an earlier line that it answers, or an own one that it replaces.
  aim(kind, line = null) {
    if (this.#aim?.kind === "change" || kind === "change") this.text = kind === "change" ? line.text : "";
    this.#aim = kind && { kind, line };
    this.#bar.hidden = !kind;
    if (!kind) return;
    this.#bar.querySelector(".aim-kind").textContent = word(kind === "reply" ? "answering" : "changing");
    this.#bar.querySelector(".aim-text").textContent = line.text || word("photo");
    this.focus();
  }

  submit() {
    const text = this.text;
    if (!text.trim()) return this.focus();
    if (length(text) > this.#limit) return this.#changed(false);
    const aim = this.#aim;
    this.#aim = null;
    this.#bar.hidden = true;
    this.text = "";
    this.#on.draft("");
    this.#on.say(text, aim);
    this.focus();
  }

  #key(event) {
    if (event.key === "Escape" && this.#aim) {
      event.stopPropagation();
      return this.aim(null);
    }
    // A phone's keyboard has no other way to begin a new line.
    const keyboard = matchMedia("(hover: hover) and (pointer: fine)").matches;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !keyboard) return;
    event.preventDefault();
    this.submit();
  }

  #changed(byHand) {
    const left = this.#limit - length(this.text);
    this.#count.hidden = left > NEAR;
    this.#count.textContent = left < 0 ? fill(word("too_long"), { n: -left }) : fill(word("left"), { n: left });
    this.#count.classList.toggle("over", left < 0);
    this.#box.setAttribute("aria-invalid", String(left < 0));
    this.#send.disabled = left < 0 || !this.text.trim();
    this.#box.style.height = "auto";
    this.#box.style.height = `${this.#box.scrollHeight}px`;
    if (!byHand) return;
    this.#on.draft(this.text);
    if (this.text.trim() && Date.now() - this.#told > TYPING_EVERY) {
      this.#told = Date.now();
      this.#on.typing();
    }
  }
}

const length = (text) => [...text].length;
