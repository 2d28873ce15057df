// The whole widget as it is seen: the button, the panel, and what happens in it.

import { Composer } from "./composer.js";
import { element, icon } from "./elements.js";
import { lastHeading } from "./extras.js";
import { Log } from "./log.js";
import { PassageSheet } from "./passage.js";

const NARROW = "(max-width: 480px)";

export class Panel {
  #strings;
  #conversation = null;
  #store = null;
  #name;
  #title;
  #status;
  #launcher;
  #badge;
  #unread = 0;
  #window;
  #content;
  #log;
  #intro;
  #chips;
  #earlier;
  #sheet;
  #composer;

  constructor(root, strings, title) {
    this.#strings = strings;
    this.#name = title || strings.title;
    this.#build();
    if (title) this.#title.dataset.fixed = "";
    root.append(this.#window, this.#launcher);
    root.addEventListener("keydown", (event) => this.#key(event));
  }

  attach(conversation, store) {
    this.#conversation = conversation;
    this.#store = store;
  }

  get isOpen() {
    return !this.#window.hidden;
  }

  open({ focus = true } = {}) {
    this.#window.hidden = false;
    this.#launcher.setAttribute("aria-expanded", "true");
    this.#window.setAttribute("aria-modal", String(matchMedia(NARROW).matches));
    this.#store.set("open", true);
    this.#countUnread(0);
    this.#conversation.connect();
    this.#log.toEnd();
    if (focus) this.#composer.focus();
  }

  close() {
    this.#window.hidden = true;
    this.#launcher.setAttribute("aria-expanded", "false");
    this.#store.set("open", false);
    this.#launcher.focus();
  }

  // From the conversation.

  welcome({ name, greeting, suggestions, characters, photo_bytes }) {
    if (this.#title.dataset.fixed === undefined) this.#name = name;
    this.#title.textContent = this.#name;
    this.#window.setAttribute("aria-label", this.#name);
    this.#status.textContent = this.#strings.online;
    this.#window.classList.remove("offline");
    this.#composer.limit(characters, photo_bytes);
    this.#intro.replaceChildren(this.#greeting(greeting), ...this.#suggestions(suggestions));
  }

  ready() {
    this.#intro.hidden = !this.#log.isEmpty;
    if (this.#log.endsWithVisitor) this.#log.typing(true);
  }

  offline() {
    this.#status.textContent = this.#strings.offline;
    this.#window.classList.add("offline");
    this.#log.interrupted();
  }

  pending(message) {
    this.#intro.hidden = true;
    this.#chips.replaceChildren();
    this.#log.pending(message);
  }

  sent(id, messageId) {
    this.#log.sent(id, messageId);
  }

  waiting(id) {
    this.#log.waiting(id);
  }

  failed(id, code) {
    this.#log.failed(id, code === "message_too_long" ? this.#strings.too_long : this.#strings.failed);
  }

  message(message, live) {
    this.#intro.hidden = true;
    if (!this.#log.message(message, live)) return;
    this.#chips.replaceChildren();
    if (live && message.role !== "user" && !this.isOpen) this.#countUnread(this.#unread + 1);
  }

  words(text) {
    this.#log.words(text);
  }

  quickReplies(messageId, texts) {
    this.#chips.replaceChildren(...texts.map((text) => this.#chip(text)));
    this.#log.toEnd();
  }

  passage(passage) {
    this.#sheet.show(passage);
  }

  earlier(exist) {
    this.#earlier.hidden = !exist;
  }

  clear() {
    this.#log.clear();
    this.#chips.replaceChildren();
    this.#earlier.hidden = true;
    this.#intro.hidden = false;
  }

  // Building.

  #build() {
    const strings = this.#strings;
    this.#log = new Log(strings, {
      botName: () => this.#name,
      showPassage: (citation, opener) => this.#showPassage(citation, opener),
      rate: (id, score, comment) => this.#conversation.rate(id, score, comment),
      ratingOf: (id) => this.#conversation.ratingOf(id),
    });
    this.#intro = element("div", { class: "intro" });
    this.#chips = element("div", { class: "chips", role: "group", "aria-label": strings.suggestions });
    this.#earlier = element("button", { type: "button", class: "earlier", hidden: true }, strings.earlier);
    this.#earlier.addEventListener("click", () => this.#conversation.showEarlier());
    this.#composer = new Composer(strings, {
      say: (text, photos) => this.#conversation.say(text, photos),
      upload: (photo) => this.#conversation.upload(photo),
    });
    this.#sheet = new PassageSheet(strings, () => this.#content.removeAttribute("inert"));
    this.#content = element("div", { class: "content" });
    this.#content.append(this.#header(), this.#earlier, this.#intro, this.#log.node, this.#chips, this.#composer.node);
    this.#content.append(element("p", { class: "note" }, strings.note));
    this.#window = element("section", { class: "window", role: "dialog", id: "window", hidden: true });
    this.#window.setAttribute("aria-label", this.#name);
    this.#window.append(this.#content, this.#sheet.node);
    this.#window.addEventListener("dragover", (event) => event.preventDefault());
    this.#window.addEventListener("drop", (event) => this.#drop(event));
    this.#launcher = this.#buildLauncher();
  }

  #buildLauncher() {
    const button = element("button", { type: "button", class: "launcher", "aria-expanded": "false" });
    button.setAttribute("aria-controls", "window");
    button.setAttribute("aria-label", this.#strings.open);
    this.#badge = element("span", { class: "badge", hidden: true });
    button.append(icon("chat"), icon("down"), this.#badge);
    button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    return button;
  }

  #header() {
    const strings = this.#strings;
    this.#title = element("h1", {}, this.#name);
    this.#status = element("span", { class: "status", role: "status" }, strings.connecting);
    const avatar = element("span", { class: "avatar", "aria-hidden": "true" }, icon("chat"));
    const header = element("header", {}, avatar, element("div", { class: "names" }, this.#title, this.#status));
    header.append(
      this.#headerButton("person", strings.person, () => this.#conversation.say(strings.personMessage)),
      this.#headerButton("restart", strings.restart, () => this.#conversation.startOver()),
      this.#headerButton("close", strings.close, () => this.close()),
    );
    return header;
  }

  #headerButton(name, label, action) {
    const button = element("button", { type: "button", class: `round ${name}`, "aria-label": label, title: label });
    button.append(icon(name));
    button.addEventListener("click", action);
    return button;
  }

  #greeting(greeting) {
    const text = greeting || this.#strings.greeting(this.#name);
    return element("div", { class: "item bot" }, element("div", { class: "bubble" }, element("p", {}, text)));
  }

  #suggestions(suggestions) {
    if (!suggestions.length) return [];
    const group = element("div", { class: "chips", role: "group", "aria-label": this.#strings.suggestions });
    group.append(...suggestions.map((text) => this.#chip(text)));
    return [group];
  }

  #chip(text) {
    const chip = element("button", { type: "button", class: "chip", title: text }, lastHeading(text));
    chip.addEventListener("click", () => {
      this.#conversation.say(text);
      this.#composer.focus();
    });
    return chip;
  }

  #showPassage(citation, opener) {
    this.#sheet.open(citation, opener);
    this.#content.setAttribute("inert", "");
    this.#conversation.askForPassage(citation.passage_id);
  }

  #countUnread(count) {
    this.#unread = count;
    this.#badge.hidden = count === 0;
    this.#badge.textContent = String(count);
    const label = count ? `${this.#strings.open} (${this.#strings.unread(count)})` : this.#strings.open;
    this.#launcher.setAttribute("aria-label", label);
  }

  #key(event) {
    if (event.key === "Escape" && this.isOpen) {
      event.stopPropagation();
      if (this.#sheet.isOpen) this.#sheet.close();
      else this.close();
    }
    if (event.key === "Tab" && this.#window.getAttribute("aria-modal") === "true") this.#keepFocus(event);
  }

  #drop(event) {
    event.preventDefault();
    this.#composer.attach(event.dataTransfer.files);
  }

  // On a narrow screen the panel covers the page, so the focus stays in it.
  #keepFocus(event) {
    const scope = this.#sheet.isOpen ? this.#sheet.node : this.#content;
    const stops = [...scope.querySelectorAll("button, textarea, input, a[href], [tabindex='0']")].filter(
      (node) => !node.disabled && node.offsetParent !== null,
    );
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (event.target !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  }
}
