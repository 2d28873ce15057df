// The list of places by platform; a dot where the bot has said something that was not seen yet.

import { element } from "./elements.js";

export class Places {
  #node;
  #choose;
  #seen = new Map(); // by customer, platform and place: the bot's last message that was seen
  #drawn = "";

  constructor(node, choose) {
    this.#node = node;
    this.#choose = choose;
  }

  show(view) {
    const key = (platform, place) => `${view.customer}/${platform}/${place}`;
    this.#seen.set(key(view.platform, view.place.id), view.place.latest);
    const rows = view.platforms.map((platform) => ({
      ...platform,
      places: platform.places.map(({ id, title, latest }) => ({
        id, title, isHere: platform.name === view.platform && id === view.place.id,
        hasNews: latest !== "" && this.#seen.get(key(platform.name, id)) !== latest,
      })),
    }));
    const data = JSON.stringify(rows);
    if (data !== this.#drawn) this.#draw(rows);
    this.#drawn = data;
  }

  #draw(rows) {
    const focused = this.#node.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.#node.replaceChildren(...rows.map((platform) => this.#group(platform)));
    if (focused) this.#node.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #group({ name, title, connected, places }) {
    const state = connected ? "bot connected" : "no bot yet";
    const head = element("h2", {}, title, element("span", { class: connected ? "on" : "off" }, state));
    return element("section", { class: name }, head, ...places.map((place) => this.#place(name, place)));
  }

  #place(platform, { id, title, isHere, hasNews }) {
    const attributes = {
      type: "button", class: "place", "data-key": `${platform}/${id}`, "aria-current": isHere ? "page" : null,
      onclick: () => this.#choose(platform, id),
    };
    const news = hasNews ? element("span", { class: "news" }, element("span", { class: "hidden" }, "new")) : null;
    return element("button", attributes, title, news);
  }
}
