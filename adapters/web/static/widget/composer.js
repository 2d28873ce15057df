// Where the visitor writes: Enter sends, Shift+Enter makes a new line, input methods are left in peace.

import { element, icon } from "./elements.js";

const TALLEST = 132;
const COUNTED_FROM = 200;

export class Composer {
  #strings;
  #input;
  #counter;
  #button;
  #node;
  #characters = 4000;
  #say;

  // `say(text)` returns whether the text was taken.
  constructor(strings, say) {
    this.#strings = strings;
    this.#say = say;
    this.#input = element("textarea", { rows: 1, "aria-label": strings.placeholder, placeholder: strings.placeholder });
    this.#input.setAttribute("enterkeyhint", "send");
    this.#counter = element("span", { class: "counter", role: "status" });
    this.#button = element("button", { type: "submit", class: "send", "aria-label": strings.send, title: strings.send });
    this.#button.append(icon("send"));
    this.#node = element("form", { class: "composer" }, this.#input, this.#counter, this.#button);
    this.#input.addEventListener("input", () => this.#refresh());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#node.addEventListener("submit", (event) => this.#submit(event));
    this.#refresh();
  }

  get node() {
    return this.#node;
  }

  limit(characters) {
    this.#characters = characters;
    this.#input.maxLength = characters;
    this.#refresh();
  }

  focus() {
    this.#input.focus({ preventScroll: true });
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    this.#submit(event);
  }

  #submit(event) {
    event.preventDefault();
    if (!this.#say(this.#input.value)) return;
    this.#input.value = "";
    this.#refresh();
    this.focus();
  }

  #refresh() {
    const left = this.#characters - this.#input.value.length;
    this.#counter.textContent = left < COUNTED_FROM ? this.#strings.left(left) : "";
    this.#button.disabled = !this.#input.value.trim();
    this.#input.style.height = "auto";
    if (this.#input.scrollHeight) this.#input.style.height = `${Math.min(TALLEST, this.#input.scrollHeight)}px`;
  }
}
