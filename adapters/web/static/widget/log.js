// The list of messages: bubbles in their order, the one that is being written, and what hangs below each.

import { element } from "./elements.js";
import { citationList, feedbackBar, photos, pictures } from "./extras.js";
import { markdown } from "./markdown.js";
import { Reveal } from "./reveal.js";

const TYPING_AT_MOST = 60_000;

export class Log {
  #strings;
  #list;
  #actions;
  #items = new Map(); // by message id, and by client id while unsent
  #typing = null;
  #typingTimer = 0;
  #writing = null; // {item, bubble, reveal}

  // `actions`: showPassage(citation, opener), rate(id, score, comment), ratingOf(id).
  constructor(strings, actions) {
    this.#strings = strings;
    this.#actions = actions;
    this.#list = element("div", { class: "log", role: "log", "aria-label": strings.log, tabindex: "0" });
  }

  get node() {
    return this.#list;
  }

  get isEmpty() {
    return this.#items.size === 0;
  }

  get endsWithVisitor() {
    return this.#list.lastElementChild?.classList.contains("user") ?? false;
  }

  clear() {
    this.interrupted();
    this.#items.clear();
    this.#list.replaceChildren();
    this.typing(false);
  }

  // A message of the visitor that the server does not have yet.
  pending({ id, text, photos: sent }) {
    const item = this.#userItem(text, sent, this.#strings.sending);
    this.#items.set(id, item);
    this.#list.append(item);
    this.#keepTypingLast();
    this.toEnd();
  }

  sent(id, messageId) {
    const item = this.#items.get(id);
    if (!item) return;
    this.#items.delete(id);
    if (this.#items.has(messageId)) {
      item.remove();
      return;
    }
    this.#items.set(messageId, item);
    this.#state(item, this.#strings.sent);
    this.typing(true);
  }

  waiting(id) {
    this.#state(this.#items.get(id), this.#strings.waiting);
  }

  failed(id, reason) {
    const item = this.#items.get(id);
    item?.classList.add("failed");
    this.#state(item, reason);
  }

  // A stored message; `live` ones of the bot appear word by word.
  message(message, live) {
    const known = this.#items.get(message.message_id);
    if (known) {
      known.dataset.number = message.number;
      this.#place(known, message.number);
      return false;
    }
    const item = message.role === "user" ? this.#userItem(message.text, message.attachments) : this.#botItem(message, live);
    item.dataset.number = message.number;
    this.#items.set(message.message_id, item);
    this.#place(item, message.number);
    if (message.role !== "user") this.typing(false);
    return true;
  }

  words(text) {
    if (!this.#writing) this.#startWriting();
    this.#writing.reveal.extend(text);
  }

  typing(on) {
    clearTimeout(this.#typingTimer);
    this.#typing?.remove();
    this.#typing = null;
    if (!on) return;
    const dots = element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
    this.#typing = element("div", { class: "item bot typing" }, element("div", { class: "bubble" }, dots));
    this.#typing.append(element("span", { class: "hidden" }, this.#strings.typing));
    this.#typingTimer = setTimeout(() => this.typing(false), TYPING_AT_MOST);
    this.#list.append(this.#typing);
    this.toEnd();
  }

  toEnd() {
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  #userItem(text, attachments = [], state = "") {
    const bubble = element("div", { class: "bubble" }, ...photos(attachments, this.#strings), text);
    return element("div", { class: "item user" }, this.#speaker("user"), bubble, element("div", { class: "state" }, state));
  }

  #botItem(message, live) {
    if (live) this.#removeEarlierStates();
    const writing = this.#writing ?? { item: this.#emptyBotItem(message.role) };
    if (!live && !this.#writing) this.#complete(writing.item, message);
    else this.#finishWriting(writing, message);
    return writing.item;
  }

  #emptyBotItem(role) {
    return element("div", { class: `item bot ${role}` }, this.#speaker(role), element("div", { class: "bubble" }));
  }

  #startWriting() {
    const item = this.#emptyBotItem("assistant");
    this.typing(false);
    this.#list.setAttribute("aria-busy", "true");
    this.#list.append(item);
    this.#writing = { item };
    this.#writing.reveal = this.#revealIn(item);
  }

  #finishWriting(writing, message) {
    writing.reveal ??= this.#revealIn(writing.item);
    this.#list.setAttribute("aria-busy", "true");
    this.#writing = null;
    writing.reveal.complete(message.text, () => {
      this.#complete(writing.item, message);
      this.#list.setAttribute("aria-busy", "false");
      this.toEnd();
    });
  }

  // Words whose reply will come with the history, because the line was cut.
  interrupted() {
    this.#writing?.reveal.stop();
    this.#writing?.item.remove();
    this.#writing = null;
    this.#list.setAttribute("aria-busy", "false");
  }

  #revealIn(item) {
    const bubble = item.querySelector(".bubble");
    return new Reveal((text) => {
      const follow = this.#isAtEnd();
      bubble.replaceChildren(...markdown(text));
      if (follow) this.toEnd();
    });
  }

  #complete(item, message) {
    const shown = pictures(message.attachments ?? [], this.#strings);
    item.querySelector(".bubble").replaceChildren(...markdown(message.text), ...shown);
    if (message.citations?.length) item.append(citationList(message.citations, this.#strings, this.#actions));
    if (message.role === "assistant") item.append(feedbackBar(message.message_id, this.#strings, this.#actions));
  }

  #place(item, number) {
    const others = [...this.#list.children].filter((other) => other !== item && other !== this.#typing);
    const later = others.find((other) => Number(other.dataset.number) > number);
    const unsent = others.find((other) => !other.dataset.number);
    this.#list.insertBefore(item, later ?? unsent ?? this.#typing);
    if (!later) this.toEnd();
  }

  #keepTypingLast() {
    if (this.#typing) this.#list.append(this.#typing);
  }

  #isAtEnd() {
    return this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 60;
  }

  #removeEarlierStates() {
    for (const state of this.#list.querySelectorAll(".item:not(.failed)[data-number] .state")) state.textContent = "";
  }

  #state(item, text) {
    if (item) item.querySelector(".state").textContent = text;
  }

  #speaker(role) {
    const names = { user: this.#strings.you, operator: this.#strings.operator };
    const hidden = role === "operator" ? "speaker" : "hidden";
    return element("span", { class: hidden }, names[role] ?? this.#actions.botName());
  }
}
