// Shows a growing text word by word at a reading pace, faster the more is waiting.

const TICK = 30;
const CATCH_UP = 14;

export class Reveal {
  #show;
  #target = "";
  #shown = 0;
  #timer = 0;
  #finished = null;

  // `show(text)` is called with ever longer beginnings of the text.
  constructor(show) {
    this.#show = show;
  }

  extend(words) {
    this.#target += words;
    this.#start();
  }

  // The whole text is known; `finished` is called once all of it is shown.
  complete(text, finished) {
    if (!text.startsWith(this.#target.slice(0, this.#shown))) this.#shown = 0;
    this.#target = text;
    this.#finished = finished;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden) this.#shown = text.length;
    this.#start();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#finished = null;
  }

  #start() {
    if (!this.#timer) this.#timer = setTimeout(() => this.#step(), 0);
  }

  #step() {
    this.#timer = 0;
    this.#advance();
    this.#show(this.#target.slice(0, this.#shown));
    if (this.#shown < this.#target.length) this.#timer = setTimeout(() => this.#step(), TICK);
    else if (this.#finished) this.#finished();
  }

  #advance() {
    const waiting = this.#target.length - this.#shown;
    const least = this.#shown + Math.max(2, Math.ceil(waiting / CATCH_UP));
    const space = this.#target.slice(0, least + 12).indexOf(" ", least);
    this.#shown = Math.min(this.#target.length, space === -1 ? least : space);
  }
}
