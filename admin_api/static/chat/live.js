// The live connection: opens the event stream, notices silence, comes back with bounded back-off, and resumes after
// the last event it has seen.
import { read } from "./sse.js";

const SILENCE = 35_000; // the server beats every 15 s; two missed beats and the line is dead
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

export class Live {
  #token;
  #on;
  #last = "";
  #abort = null;
  #pause = 0;
  #timer = 0;
  #watch = 0;
  #stopped = true;

  // `on` = {event(name, data), state("live" | "waiting" | "gone")}
  constructor(token, on) {
    this.#token = token;
    this.#on = on;
  }

  start() {
    this.#stopped = false;
    addEventListener("online", this.#hurry);
    addEventListener("offline", this.#cut);
    document.addEventListener("visibilitychange", this.#hurry);
    this.#open();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    removeEventListener("online", this.#hurry);
    removeEventListener("offline", this.#cut);
    document.removeEventListener("visibilitychange", this.#hurry);
    this.#abort?.abort();
  }

  #hurry = () => {
    if (this.#stopped || document.hidden || !this.#timer) return;
    this.#pause = 0;
    this.#open();
  };

  // The browser knows that there is no network; the stream would notice it only by its silence.
  #cut = () => this.#abort?.abort();

  #alive(abort) {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => abort.abort(), SILENCE);
  }

  async #open() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    this.#alive(abort);
    try {
      const headers = { Authorization: `Bearer ${this.#token}`, Accept: "text/event-stream" };
      if (this.#last) headers["Last-Event-ID"] = this.#last;
      const answer = await fetch("/chat/events", { headers, signal: abort.signal, cache: "no-store" });
      if (answer.status === 401) return this.#gone();
      if (!answer.ok) throw new Error(String(answer.status));
      this.#on.state("live");
      for await (const event of read(answer.body)) {
        this.#alive(abort);
        if (event === null) continue;
        if (event.id) this.#last = event.id;
        if (event.event === "gone") return this.#gone();
        this.#pause = 0;
        this.#on.event(event.event, JSON.parse(event.data));
      }
    } catch {
      // a broken line is no error of anybody's: it is opened again below
    }
    if (this.#stopped || abort !== this.#abort) return;
    clearTimeout(this.#watch);
    this.#on.state("waiting");
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause ? this.#pause * 2 : FIRST_PAUSE);
    this.#timer = setTimeout(() => this.#open(), this.#pause * (0.75 + Math.random() / 2));
  }

  #gone() {
    this.stop();
    this.#on.state("gone");
  }
}
