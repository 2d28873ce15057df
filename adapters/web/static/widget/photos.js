// The photos that the visitor is about to send: checked, shown small, and put on the server when it is time.

import { element, icon } from "./elements.js";

const TYPES = ["image/png", "image/jpeg", "image/webp"];
const AT_MOST = 2;

export class Photos {
  #strings;
  #changed;
  #chosen = []; // {file, node, kept}
  #bytes = 10_000_000;
  #input;
  #button;
  #list;
  #notice;
  #node;

  // `changed()` is called when photos come or go.
  constructor(strings, changed) {
    this.#strings = strings;
    this.#changed = changed;
    this.#input = element("input", { type: "file", accept: TYPES.join(), multiple: true, hidden: true });
    this.#input.addEventListener("change", () => this.#choose());
    this.#button = element("button", { type: "button", class: "attach", "aria-label": strings.attach });
    this.#button.title = strings.attach;
    this.#button.append(icon("photo"));
    this.#button.addEventListener("click", () => this.#input.click());
    this.#list = element("div", { class: "chosen" });
    this.#notice = element("p", { class: "notice", role: "alert" });
    this.#node = element("div", { class: "photos" }, this.#input, this.#list, this.#notice);
  }

  get button() {
    return this.#button;
  }

  get node() {
    return this.#node;
  }

  get isEmpty() {
    return this.#chosen.length === 0;
  }

  limit(bytes) {
    this.#bytes = bytes;
  }

  add(files) {
    this.#notice.textContent = "";
    for (const file of files) {
      const problem = this.#problem(file);
      if (problem) this.#notice.textContent = problem;
      else this.#show(file);
    }
    this.#changed();
  }

  clear() {
    for (const photo of [...this.#chosen]) this.#remove(photo);
  }

  // What `send(file)` made of each; null, with a notice, when one did not get through. None is sent twice.
  async upload(send) {
    this.#notice.textContent = "";
    try {
      return await Promise.all(this.#chosen.map(async (photo) => (photo.kept ??= await send(photo.file))));
    } catch ({ code }) {
      this.#notice.textContent = this.#words(code) ?? this.#strings.photo_failed;
      return null;
    }
  }

  #choose() {
    this.add(this.#input.files);
    this.#input.value = "";
  }

  #problem(file) {
    if (!TYPES.includes(file.type)) return this.#words("photo_type");
    if (file.size > this.#bytes) return this.#words("photo_too_large");
    return this.#chosen.length < AT_MOST ? null : this.#strings.photo_too_many(AT_MOST);
  }

  #words(code) {
    if (code === "photo_too_large") return this.#strings.photo_too_large(this.#bytes / 1_000_000);
    return code === "photo_type" ? this.#strings.photo_type : null;
  }

  #show(file) {
    const image = element("img", { src: URL.createObjectURL(file), alt: file.name });
    const remove = element("button", { type: "button", "aria-label": this.#strings.detach, title: this.#strings.detach });
    remove.append(icon("close"));
    const photo = { file, node: element("figure", {}, image, remove) };
    remove.addEventListener("click", () => {
      this.#notice.textContent = "";
      this.#remove(photo);
      this.#button.focus();
    });
    this.#chosen.push(photo);
    this.#list.append(photo.node);
  }

  #remove(photo) {
    URL.revokeObjectURL(photo.node.querySelector("img").src);
    photo.node.remove();
    this.#chosen = this.#chosen.filter((other) => other !== photo);
    this.#changed();
  }
}
