// The quick way out: what the browser keeps is forgotten and a harmless page stands here, at once and without a way
// back; the server is told beside it.

const TWICE = 700; // ms between two presses of Escape

export function escape(button, chats) {
  let last = -Infinity; // a page that has just opened has heard no press yet
  const go = () => {
    document.documentElement.hidden = true;
    for (const chat of chats) chat.leave();
    location.replace("/chat/keluar");
  };
  button.addEventListener("click", go);
  addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      if (event.timeStamp - last < TWICE) go();
      last = event.timeStamp;
    },
    { capture: true },
  );
}

// A page from the browser's cache of visited pages would bring the conversation back.
addEventListener("pageshow", (event) => event.persisted && location.reload());
