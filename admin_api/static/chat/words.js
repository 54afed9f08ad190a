// The page's own words (from the catalogue, handed over by the server) and how its language writes times.

const given = JSON.parse(document.body.dataset.words ?? "{}");
const language = document.documentElement.lang;
const time = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

export const word = (key, otherwise = key) => given[key] ?? otherwise;
export const contacts = JSON.parse(document.body.dataset.contacts ?? "[]");
export const clock = (at) => time.format(at);
export const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);

export function dayName(at) {
  const days = Math.round((midnight(Date.now()) - midnight(at)) / 86_400_000);
  const name = days >= 0 && days <= 1 ? relative.format(-days, "day") : day.format(at);
  return name.charAt(0).toUpperCase() + name.slice(1);
}
