// Where the visitor writes: Enter sends, Shift+Enter makes a new line, input methods are left in peace.
// Photos go along: chosen with the button, pasted, or dropped on the panel.

import { element, icon } from "./elements.js";
import { Photos } from "./photos.js";

const TALLEST = 132;
const COUNTED_FROM = 200;

export class Composer {
  #strings;
  #actions;
  #input;
  #counter;
  #button;
  #photos;
  #node;
  #characters = 4000;
  #uploading = false;

  // `actions`: say(text, photos) returns whether they were taken, upload(file) promises a photo for it.
  constructor(strings, actions) {
    this.#strings = strings;
    this.#actions = actions;
    this.#input = element("textarea", { rows: 1, "aria-label": strings.placeholder, placeholder: strings.placeholder });
    this.#input.setAttribute("enterkeyhint", "send");
    this.#counter = element("span", { class: "counter", role: "status" });
    this.#button = element("button", { type: "submit", class: "send", "aria-label": strings.send, title: strings.send });
    this.#button.append(icon("send"));
    this.#photos = new Photos(strings, () => this.#refresh());
    this.#node = element("form", { class: "composer" }, this.#photos.node, this.#photos.button);
    this.#node.append(this.#input, this.#counter, this.#button);
    this.#input.addEventListener("input", () => this.#refresh());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("paste", (event) => this.#paste(event));
    this.#node.addEventListener("submit", (event) => this.#submit(event));
    this.#refresh();
  }

  get node() {
    return this.#node;
  }

  limit(characters, photoBytes) {
    this.#characters = characters;
    this.#input.maxLength = characters;
    this.#photos.limit(photoBytes);
    this.#refresh();
  }

  attach(files) {
    if (!this.#uploading) this.#photos.add(files);
  }

  focus() {
    this.#input.focus({ preventScroll: true });
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    this.#submit(event);
  }

  #paste(event) {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    this.attach(event.clipboardData.files);
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#uploading) return;
    const photos = this.#photos.isEmpty ? [] : await this.#upload();
    if (!photos || !this.#actions.say(this.#input.value, photos)) return;
    this.#input.value = "";
    this.#photos.clear();
    this.#refresh();
    this.focus();
  }

  async #upload() {
    this.#setUploading(true);
    const photos = await this.#photos.upload(this.#actions.upload);
    this.#setUploading(false);
    return photos;
  }

  // What is on its way stays as it is.
  #setUploading(on) {
    this.#uploading = on;
    this.#input.readOnly = on;
    this.#node.setAttribute("aria-busy", String(on));
    for (const button of this.#node.querySelectorAll("button")) button.disabled = on;
    this.#refresh();
  }

  #refresh() {
    const left = this.#characters - this.#input.value.length;
    this.#counter.textContent = left < COUNTED_FROM ? this.#strings.left(left) : "";
    this.#button.disabled = this.#uploading || (!this.#input.value.trim() && this.#photos.isEmpty);
    this.#input.style.height = "auto";
    if (this.#input.scrollHeight) this.#input.style.height = `${Math.min(TALLEST, this.#input.scrollHeight)}px`;
  }
}
