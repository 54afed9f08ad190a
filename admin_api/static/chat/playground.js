// The demonstration: student, supporter and counselor beside each other, each a live conversation of its own.
import { Chat } from "./chat.js";
import { call } from "./post.js";

const narrow = matchMedia("(max-width: 860px)");
const sides = [...document.querySelectorAll(".side")];
const tabs = [...document.querySelectorAll(".tab")];
const chats = new Map();

async function open(role) {
  const answer = await call(null, `/playground/session/${role}`, {});
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).token;
}

function unread(role, n) {
  for (const badge of document.querySelectorAll(`#name-${role} .badge, #tab-${role} .badge`)) {
    badge.textContent = String(n);
    badge.hidden = !n;
  }
}

function show(role) {
  for (const side of sides) side.classList.toggle("shown", side.dataset.role === role);
  for (const tab of tabs) {
    const chosen = tab.dataset.role === role;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
  chats.get(role).look();
}

for (const side of sides) {
  const { role } = side.dataset;
  const chat = new Chat(side, `sebaya.play.${role}`, {
    open: () => open(role),
    unread: (n) => unread(role, n),
    visible: () => !narrow.matches || side.classList.contains("shown"),
  });
  chats.set(role, chat);
  // Helpers are at their desks already; the student comes by pressing Start.
  if (role !== "student") chat.begin().catch(() => {});
}

for (const tab of tabs) {
  tab.addEventListener("click", () => show(tab.dataset.role));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    show(next.dataset.role);
    next.focus();
  });
}

for (const hint of document.querySelectorAll("[data-say]"))
  hint.addEventListener("click", () => {
    show("student");
    chats.get("student").suggest(hint.dataset.say);
  });

const again = document.querySelector("#again");
again.addEventListener("click", async () => {
  again.disabled = true;
  await call(null, "/playground/again", {}).catch(() => {});
  show("student");
  chats.get("student").leave();
  for (const [role, chat] of chats) {
    chat.restart();
    if (role !== "student") chat.begin().catch(() => {});
  }
  again.disabled = false;
});
