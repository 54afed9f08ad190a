// A plain calendar: what stands on the screen after the quick way out. It works, so that it looks like what it is.

const language = document.documentElement.lang;
const month = new Intl.DateTimeFormat(language, { month: "long", year: "numeric" });
const weekday = new Intl.DateTimeFormat(language, { weekday: "short" });
const table = document.querySelector("tbody");
const head = document.querySelector("#days");
const now = new Date();
let shown = new Date(now.getFullYear(), now.getMonth(), 1);

history.replaceState(null, "", "/kalender"); // an address that says nothing

function draw() {
  document.querySelector("#month").textContent = month.format(shown);
  const first = (shown.getDay() + 6) % 7; // Monday first
  const days = new Date(shown.getFullYear(), shown.getMonth() + 1, 0).getDate();
  table.replaceChildren();
  for (let cell = 0; cell < Math.ceil((first + days) / 7) * 7; cell += 1) {
    const row = cell % 7 ? table.lastElementChild : table.appendChild(document.createElement("tr"));
    const day = cell - first + 1;
    const element = row.appendChild(document.createElement("td"));
    if (day < 1 || day > days) continue;
    element.textContent = String(day);
    const today = new Date(shown.getFullYear(), shown.getMonth(), day).toDateString() === now.toDateString();
    if (today) element.setAttribute("aria-current", "date");
  }
}

for (let day = 1; day <= 7; day += 1)
  head.appendChild(document.createElement("th")).textContent = weekday.format(new Date(2024, 0, day));
for (const [id, step] of [["#before", -1], ["#after", 1]])
  document.querySelector(id).addEventListener("click", () => {
    shown = new Date(shown.getFullYear(), shown.getMonth() + step, 1);
    draw();
  });
draw();
