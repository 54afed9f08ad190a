// The page at /chat: one conversation, the help panel, "remember me", and the quick way out.
import { Chat } from "./chat.js";
import { call } from "./post.js";
import { escape } from "./exit.js";
import { word } from "./words.js";

document.querySelector("#page").hidden = false;

const title = document.title;
const menu = document.querySelector("#menu");
const remember = document.querySelector("#remember");

async function open() {
  const answer = await call(null, "/chat/session", { language: document.documentElement.lang });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).token;
}

const chat = new Chat(document.querySelector("#chat"), "catatan", {
  open,
  unread: (n) => (document.title = n ? `(${n}) ${title}` : title),
  state: (state) => (document.querySelector("#state").textContent = word(`state_${state}`)),
});

escape(document.querySelector("#exit"), [chat]);

remember.checked = chat.remembered;
remember.addEventListener("change", async () => {
  try {
    await chat.remember(remember.checked);
    chat.say(word(remember.checked ? "remembered" : "unremembered"));
  } catch {
    remember.checked = !remember.checked;
    chat.say(word("waiting"));
  }
});

const help = document.querySelector("#help");
document.querySelector("#danger").addEventListener("click", () => help.showModal());
help.addEventListener("click", (event) => event.target === help && help.close());
document.querySelector("#call").addEventListener("click", () => {
  help.close();
  chat.send("/darurat");
});

for (const item of menu.querySelectorAll("[data-send]"))
  item.addEventListener("click", () => {
    menu.open = false;
    chat.send(item.dataset.send);
  });
addEventListener("click", (event) => menu.contains(event.target) || (menu.open = false));
menu.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.querySelector("textarea").focus();
});
