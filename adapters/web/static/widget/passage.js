// The sheet that shows a passage with the quoted words marked.

import { element, icon } from "./elements.js";
import { isWebAddress, webLink } from "./markdown.js";

export class PassageSheet {
  #strings;
  #node;
  #body;
  #citation = null;
  #opener = null;
  #closed;

  // `closed()` is called when the sheet goes.
  constructor(strings, closed) {
    this.#strings = strings;
    this.#closed = closed;
    this.#body = element("div", { class: "sheet-body", tabindex: "0" });
    const back = element("button", { type: "button", class: "round", "aria-label": strings.back, title: strings.back });
    back.append(icon("back"));
    back.addEventListener("click", () => this.close());
    const head = element("div", { class: "sheet-head" }, back, element("strong", {}, strings.source));
    this.#node = element("section", { class: "sheet", role: "dialog", "aria-label": strings.source, hidden: true });
    this.#node.append(head, this.#body);
  }

  get node() {
    return this.#node;
  }

  get isOpen() {
    return !this.#node.hidden;
  }

  // Opens at once with the quote; `show` fills in the rest when it has come.
  open(citation, opener) {
    this.#citation = citation;
    this.#opener = opener;
    this.#fill({ title: citation.title, text: citation.quote, source: citation.source, heading: [] });
    this.#node.hidden = false;
    this.#node.querySelector("button").focus();
  }

  show(passage) {
    if (this.isOpen && passage.id === this.#citation?.passage_id) this.#fill(passage);
  }

  close() {
    this.#node.hidden = true;
    this.#closed();
    this.#opener?.focus();
  }

  #fill({ title, text, source, heading }) {
    const path = heading.every((part) => title.includes(part)) ? "" : heading.join(" › ");
    this.#body.replaceChildren(
      element("h2", {}, title),
      ...(path ? [element("p", { class: "path" }, path)] : []),
      element("p", { class: "passage" }, ...this.#marked(text)),
      this.#sourceLine(source),
    );
    this.#body.querySelector("mark")?.scrollIntoView({ block: "nearest" });
  }

  #marked(text) {
    const { quote } = this.#citation;
    const start = text.indexOf(quote);
    if (!quote || start === -1) return [text];
    return [text.slice(0, start), element("mark", {}, quote), text.slice(start + quote.length)];
  }

  #sourceLine(source) {
    const line = element("p", { class: "source" }, icon(isWebAddress(source) ? "link" : "document"));
    line.append(isWebAddress(source) ? webLink(source, this.#strings.openSource) : source);
    return line;
  }
}
