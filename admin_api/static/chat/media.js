// Photos are made smaller before they leave, which also drops the place and the camera that a phone writes into them
// (the server strips them again); what comes in is fetched with the token in a header and shown from memory.
import { make } from "./dom.js";
import { word } from "./words.js";

const LARGEST = 1600; // px of the longer side
const shown = new Map(); // url -> promise of a blob URL

export async function smaller(file) {
  if (!file.type.startsWith("image/") || file.type === "image/gif") return file;
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LARGEST / Math.max(image.width, image.height));
    const canvas = make("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob ?? file;
  } catch {
    return file; // a kind this browser cannot draw: the server judges it
  }
}

export function blobUrl(token, line) {
  if (line.media?.local) return Promise.resolve(line.media.local);
  const key = line.media?.url ?? line.url;
  if (!shown.has(key)) {
    const got = fetchBlob(token, key);
    got.catch(() => shown.delete(key));
    shown.set(key, got);
  }
  return shown.get(key);
}

async function fetchBlob(token, url) {
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  return URL.createObjectURL(await answer.blob());
}

export async function show(token, line, element) {
  try {
    element.src = await blobUrl(token, line);
  } catch {
    element.replaceWith(make("p", "text missing", word("media_missing")));
  }
}

export async function save(token, line) {
  const link = make("a");
  link.href = await blobUrl(token, line);
  link.download = line.file || "berkas";
  link.click();
}
