// Where the reader is: at the newest line, which then stays in view, or further up, which is then left alone.

const NEAR = 80; // px from the end that still count as reading the newest

export class Scroll {
  #box;
  #jump;
  #visible;
  #badge;
  #behind = 0;
  #top = 0;
  #held = true;

  // `box` scrolls, and what is in it grows; `jump` is the button to the newest line, `visible` says whether anybody
  // can be looking.
  constructor(box, jump, visible) {
    this.#box = box;
    this.#jump = jump;
    this.#visible = visible;
    this.#badge = jump.querySelector(".badge");
    jump.addEventListener("click", () => this.toEnd(true));
    box.addEventListener("scroll", () => this.#moved(), { passive: true });
    const grown = new ResizeObserver(() => this.#held && this.toEnd());
    grown.observe(box);
    for (const child of box.children) grown.observe(child);
  }

  get atEnd() {
    return this.#held;
  }

  get behind() {
    return this.#behind;
  }

  // A line came in that the reader cannot have seen yet.
  missed() {
    this.#behind += 1;
    this.#badge.textContent = this.#behind > 99 ? "99+" : String(this.#behind);
    this.#badge.hidden = false;
    this.#jump.hidden = this.#held;
  }

  toEnd(smooth = false) {
    this.#held = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#box.scrollTo({ top: this.#box.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
    this.#seen();
  }

  look() {
    if (this.#held) this.toEnd();
  }

  // Begin at `mark`, where there is more below it than fits; else at the end.
  toMark(mark) {
    const top = Math.max(0, mark.offsetTop - this.#box.clientHeight / 4);
    if (this.#box.scrollHeight - this.#box.clientHeight - top < NEAR) return this.toEnd();
    this.#held = false;
    this.#box.scrollTop = top;
    this.#jump.hidden = false;
  }

  // Keep the reader's place while `work` adds lines above.
  still(work) {
    const below = this.#box.scrollHeight - this.#box.scrollTop;
    this.#held = false;
    work();
    this.#box.scrollTop = this.#box.scrollHeight - below;
  }

  // Only a person scrolls up; being further from the end than a moment ago may also mean that lines came in.
  #moved() {
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    const up = scrollTop < this.#top - 1;
    this.#top = scrollTop;
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.#held = true;
    else if (up) this.#held = false;
    this.#jump.hidden = this.#held;
    if (this.#held) this.#seen();
  }

  #seen() {
    if (!this.#visible()) return;
    this.#behind = 0;
    this.#badge.hidden = true;
    this.#jump.hidden = true;
  }
}
