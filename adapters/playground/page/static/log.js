// The messages of a place. A message that has not changed keeps its nodes, so that the keyboard's focus stays.

import { element, link } from "./elements.js";
import { discordText } from "./discord-text.js";
import { telegramText } from "./telegram-text.js";

const EMOJI = ["👍", "👎", "❤"];
const NEAR_END = 80;

export class Log {
  #node;
  #actions;
  #place = "";
  #items = new Map(); // by message id: {node, text of the data}

  // `actions`: press(message, button), react(message, emoji), answer(message), edit(message).
  constructor(node, actions) {
    this.#node = node;
    this.#actions = actions;
  }

  show(place, messages) {
    const isNew = place !== this.#place;
    const follow = isNew || this.#node.scrollHeight - this.#node.scrollTop - this.#node.clientHeight < NEAR_END;
    if (isNew) this.#clear(place);
    this.#remove(new Set(messages.map((message) => message.id)));
    messages.forEach((message, index) => this.#put(message, index));
    if (!messages.length) this.#node.replaceChildren(element("p", { class: "nothing" }, "Nothing was said here yet."));
    if (follow) this.#node.scrollTop = this.#node.scrollHeight;
  }

  #clear(place) {
    this.#place = place;
    this.#items.clear();
    this.#node.replaceChildren();
  }

  #remove(present) {
    this.#node.querySelector(".nothing")?.remove();
    for (const [id, item] of this.#items) {
      if (present.has(id)) continue;
      item.node.remove();
      this.#items.delete(id);
    }
  }

  #put(message, index) {
    const data = JSON.stringify({ ...message, at: message.is_draft ? 0 : message.at });
    const known = this.#items.get(message.id);
    const node = known?.data === data ? known.node : this.#item(message);
    if (known && known.node !== node) this.#replace(known.node, node);
    this.#items.set(message.id, { node, data });
    if (this.#node.children[index] !== node) this.#node.insertBefore(node, this.#node.children[index] ?? null);
  }

  #replace(old, node) {
    const focused = old.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    old.replaceWith(node);
    if (focused) node.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #item(message) {
    if (message.side === "note") return element("article", { class: "item note" }, message.text || "…");
    const bubble = element("div", { class: "bubble" }, ...this.#content(message));
    const item = element("article", { class: `item ${message.side}`, "data-id": message.id }, this.#byline(message), bubble);
    if (message.is_draft) item.classList.add("draft");
    item.append(...message.buttons.map((row) => this.#row(message, row)));
    if (!message.is_draft && !message.is_waiting && !message.is_private) item.append(this.#tools(message));
    return item;
  }

  #byline(message) {
    const time = new Date(message.at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const marks = [message.is_edited && "edited", message.is_private && "only you see this", message.is_draft && "writing…"];
    const words = [message.is_draft ? null : time, ...marks].filter(Boolean).join(" · ");
    return element("div", { class: "byline" }, element("strong", {}, message.author), ` ${words}`);
  }

  #content(message) {
    const nodes = [];
    if (message.answers) nodes.push(element("div", { class: "answers" }, words(message, message.answers)));
    for (const file of message.files) nodes.push(this.#file(file));
    if (message.is_waiting) nodes.push(element("p", { class: "waiting" }, "is thinking…"));
    const isTelegram = message.entities !== null;
    const text = isTelegram ? telegramText(message.text, message.entities) : discordText(message.text, message.names);
    if (text.length) nodes.push(element("div", { class: isTelegram ? "text exact" : "text" }, ...text));
    return nodes;
  }

  #file(file) {
    if (file.is_picture) return link(file.url, element("img", { src: file.url, alt: file.name }));
    return element("p", { class: "file" }, link(file.url, `📎 ${file.name}`));
  }

  #row(message, buttons) {
    const nodes = buttons.map((button) => {
      if (button.url) return link(button.url, button.label);
      const press = () => this.#actions.press(message, button);
      return element("button", { type: "button", class: "plain", "data-key": `b${button.id}`, onclick: press }, button.label);
    });
    return element("div", { class: "buttons" }, ...nodes);
  }

  #tools(message) {
    const counts = new Map(message.reactions.map((reaction) => [reaction.emoji, reaction]));
    const emoji = message.side === "bot" ? new Set([...counts.keys(), ...EMOJI]) : counts.keys();
    const bar = element("div", { class: "tools" });
    for (const one of emoji) bar.append(this.#reaction(message, one, counts.get(one)));
    bar.append(this.#tool(message, "Reply", this.#actions.answer));
    if (message.side === "mine" && message.text) bar.append(this.#tool(message, "Edit", this.#actions.edit));
    return bar;
  }

  #reaction(message, emoji, given) {
    const attributes = {
      type: "button", class: given ? "reaction given" : "reaction", "data-key": `r${emoji}`,
      "aria-pressed": given?.is_mine ? "true" : "false", "aria-label": `React with ${emoji}`,
      onclick: () => this.#actions.react(message, emoji),
    };
    return element("button", attributes, given ? `${emoji} ${given.count}` : emoji);
  }

  #tool(message, label, act) {
    return element("button", { type: "button", class: "tool", "data-key": label, onclick: () => act(message) }, label);
  }
}

// A text in one line, without its marks.
function words(message, text) {
  if (message.entities !== null) return text;
  return discordText(text, message.names).map((block) => block.textContent).join(" ");
}
