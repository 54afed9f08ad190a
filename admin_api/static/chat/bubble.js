// One line of the conversation as an element. What it can do is handed in as `act` = {press, reply, change, load}.
import { button, make, spoken } from "./dom.js";
import { clock, contacts, word } from "./words.js";

const MEDIA = { photo: "img", sticker: "img", voice: "audio", audio: "audio", video: "video" };

export function bubble(line, act) {
  const element = make("article", `line ${line.mine ? "mine" : line.person ? "peer" : "bot"}`);
  element.dataset.id = line.id;
  draw(element, line, act);
  return element;
}

// (Re)draw the inside, for a new line and for an edited one.
export function draw(element, line, act) {
  const focus = [...element.querySelectorAll("button")].indexOf(document.activeElement);
  const inside = make("div", "bubble");
  inside.append(spoken(`${line.mine ? word("you") : line.person ? word("they") : word("name")}: `));
  if (line.quote) inside.append(quoted(line.quote));
  const media = line.media && picture(line, act);
  if (media) inside.append(media);
  if (line.kind === "place") inside.append(place(line));
  if (line.kind === "document") inside.append(button("file", line.file || word("file"), () => act.load(line)));
  if (line.text) inside.append(words(line));
  inside.append(foot(line));
  const tools = actions(line, act);
  if (tools) inside.append(tools);
  element.replaceChildren(inside);
  element.classList.toggle("unsent", Boolean(line.state));
  const rows = choices(line, act);
  if (rows) element.append(rows);
  if (focus >= 0) refocus(element.querySelectorAll("button")[focus] ?? element.closest(".scroll"));
}

// Focus never falls off the page; it moves without scrolling, and to no box that would open a phone's keyboard.
function refocus(element) {
  element?.focus({ preventScroll: true });
}

// The buttons of a line are spent: they go.
export function spend(element) {
  const rows = element.querySelector(".choices");
  if (!rows) return;
  const focused = rows.contains(document.activeElement);
  rows.remove();
  if (focused) refocus(element.closest(".scroll"));
}

function quoted(quote) {
  const element = make("blockquote", "quote", quote);
  element.prepend(spoken(`${word("answering")} `));
  return element;
}

function words(line) {
  const element = make("p", "text");
  if (line.mine || line.person) element.textContent = line.text;
  else element.append(...linked(line.text));
  return element;
}

// Numbers of the help directory become links where the service itself names them, so that a frightened person taps
// instead of copying digits.
function linked(text) {
  let pieces = [text];
  for (const contact of contacts) {
    pieces = pieces.flatMap((piece) => {
      if (typeof piece !== "string") return [piece];
      const parts = piece.split(whole(contact.text));
      return parts.flatMap((part, i) => (i ? [link(contact), part] : [part]));
    });
  }
  return pieces.filter((piece) => piece !== "");
}

const whole = (text) => new RegExp(`(?<![\\d-])${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\d-])`);

function link(contact) {
  const element = make("a", "contact", contact.text);
  element.href = contact.href;
  if (!contact.href.startsWith("tel:")) {
    element.target = "_blank";
    element.rel = "noopener noreferrer";
  }
  return element;
}

function place(line) {
  const { latitude, longitude } = line.place;
  return make("p", "text", `${word("place")} ${latitude.toFixed(5)}, ${longitude.toFixed(5)}`);
}

function picture(line, act) {
  const kind = MEDIA[line.media.kind];
  if (!kind || !line.media.shown) return button("file", word("file"), () => act.load(line));
  const element = make(kind, "media");
  if (kind === "img") element.alt = line.media.kind === "sticker" ? word("sticker") : word("photo");
  else {
    element.controls = true;
    element.setAttribute("aria-label", word(line.media.kind === "video" ? "video" : "voice"));
  }
  if (line.media.width && line.media.height) {
    element.width = line.media.width;
    element.height = line.media.height;
  }
  act.fetch(line, element);
  return element;
}

function foot(line) {
  const element = make("div", "foot");
  if (line.edited) element.append(make("span", "", word("edited")));
  if (line.at) {
    const time = make("time", "", clock(line.at));
    time.dateTime = new Date(line.at).toISOString();
    element.append(time);
  }
  if (line.state) element.append(make("span", "state", word(line.state)));
  else if (line.mine) element.append(make("span", "tick"), spoken(word("sent")));
  return element;
}

function choices(line, act) {
  if (!line.buttons?.length) return null;
  const all = make("div", "choices");
  all.setAttribute("role", "group");
  all.setAttribute("aria-label", word("choices"));
  for (const row of line.buttons) {
    const element = make("div", row.length > 3 ? "choice-row many" : "choice-row");
    for (const choice of row) {
      const one = button("choice", choice.label, () => act.press(line, choice));
      one.classList.toggle("alarm", choice.data.startsWith("menu:danger"));
      one.setAttribute("aria-disabled", String(Boolean(line.pressed)));
      one.classList.toggle("pressed", line.pressed === choice.data);
      element.append(one);
    }
    all.append(element);
  }
  return all;
}

function actions(line, act) {
  if (line.state) return null;
  const element = make("div", "acts");
  element.append(button("act", word("reply"), () => act.reply(line)));
  if (line.mine && line.text && !line.media) element.append(button("act", word("change"), () => act.change(line)));
  return element;
}
