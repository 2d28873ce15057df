// Where the person writes: text, a file, a reply or an edit, and the commands that the bot offers.

import { byId, element } from "./elements.js";

export class Composer {
  #send;
  #view = null;
  #about = null; // {kind: "answer" | "edit", message}
  #text = byId("text");
  #file = byId("file");
  #mention = byId("mention");
  #list = byId("commands");

  // `send(what, fields)` as the server's `act` takes them.
  constructor(send) {
    this.#send = send;
    byId("composer").addEventListener("submit", (event) => this.#submit(event));
    byId("about-end").addEventListener("click", () => this.#end());
    this.#file.addEventListener("change", () => this.#showAbout());
    this.#text.addEventListener("input", () => this.#typed());
    this.#text.addEventListener("keydown", (event) => this.#key(event));
  }

  show(view) {
    const place = `${view.customer}/${view.platform}/${view.place.id}`;
    if (this.#view && place !== `${this.#view.customer}/${this.#view.platform}/${this.#view.place.id}`) this.#end();
    this.#view = view;
    byId("mention-row").hidden = !view.place.is_shared;
  }

  answer(message) {
    this.#begin("answer", message);
  }

  edit(message) {
    this.#begin("edit", message);
    this.#text.value = message.text;
    this.#grow();
  }

  #begin(kind, message) {
    this.#about = { kind, message };
    this.#showAbout();
    this.#text.focus();
  }

  #end() {
    if (this.#about?.kind === "edit") this.#text.value = "";
    this.#about = null;
    this.#file.value = "";
    this.#showAbout();
    this.#grow();
  }

  #showAbout() {
    const file = this.#file.files[0];
    const words = [];
    if (this.#about) words.push(`${this.#about.kind === "edit" ? "Editing" : "Replying to"}: ${this.#about.message.text.slice(0, 60)}`);
    if (file) words.push(`📎 ${file.name}`);
    byId("about-text").textContent = words.join(" · ");
    byId("about").hidden = !words.length;
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.#text.value.trim();
    const file = this.#file.files[0];
    if (!this.#view || (!text && !file)) return;
    const about = this.#about;
    this.#about = null;
    this.#text.value = "";
    this.#end();
    this.#list.hidden = true;
    if (about?.kind === "edit") await this.#send("edit", { message: about.message.id, text });
    else await this.#send("write", { text, file, mention: this.#mentions(text), answers: about?.message.id });
  }

  #mentions(text) {
    const wanted = this.#view.place.is_shared && this.#mention.checked && !text.startsWith("/");
    return wanted ? "1" : null;
  }

  #typed() {
    this.#grow();
    const word = this.#text.value.match(/^\/(\w*)$/)?.[1];
    const found = word == null ? [] : this.#view.commands.filter((command) => command.name.startsWith(word));
    this.#list.hidden = !found.length;
    this.#list.replaceChildren(...found.map((command) => this.#command(command)));
  }

  #command({ name, description }) {
    const choose = () => {
      this.#text.value = `/${name} `;
      this.#list.hidden = true;
      this.#text.focus();
    };
    const button = element("button", { type: "button", onclick: choose }, element("strong", {}, `/${name}`), ` ${description}`);
    return element("li", {}, button);
  }

  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      byId("composer").requestSubmit();
    } else if (event.key === "Escape") {
      this.#list.hidden = true;
      this.#end();
    } else if (event.key === "ArrowUp" && !this.#list.hidden) {
      event.preventDefault();
      this.#list.querySelector("li:last-child button").focus();
    }
  }

  #grow() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${Math.min(this.#text.scrollHeight + 2, 160)}px`;
  }
}
