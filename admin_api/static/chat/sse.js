// Server-sent events over fetch(): EventSource cannot carry an Authorization header, and a token never stands in a
// URL (P3). Yields {id, event, data}; a comment (the heartbeat) yields null, so that the reader knows it is alive.

export class Lines {
  #rest = "";

  // Complete lines of the text so far. CRLF, LF and CR all end a line (WHATWG, "Server-sent events").
  feed(text) {
    let all = this.#rest + text;
    const held = all.endsWith("\r") ? "\r" : ""; // may be the first half of CRLF
    if (held) all = all.slice(0, -1);
    const lines = all.split(/\r\n|\n|\r/);
    this.#rest = lines.pop() + held;
    return lines;
  }
}

export class Parser {
  #lines = new Lines();
  #event = "";
  #data = [];
  #id = "";

  // What the text completed: events, and null for each comment.
  *feed(text) {
    for (const line of this.#lines.feed(text)) {
      if (line === "") {
        if (this.#data.length) yield { id: this.#id, event: this.#event || "message", data: this.#data.join("\n") };
        this.#event = "";
        this.#data = [];
        continue;
      }
      if (line.startsWith(":")) {
        yield null;
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "data") this.#data.push(value);
      else if (field === "event") this.#event = value;
      else if (field === "id" && !value.includes("\0")) this.#id = value;
    }
  }
}

export async function* read(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new Parser();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield* parser.feed(value);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
