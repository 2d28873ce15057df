// Builds the widget from its parts and ties the conversation to what is shown.

import { Conversation } from "./conversation.js";
import { readableOn } from "./colors.js";
import { Panel } from "./panel.js";
import { Store } from "./store.js";
import { chooseStrings } from "./strings.js";

export async function mount(server, options) {
  const language = options.language || navigator.language || "en";
  const host = document.createElement("parley-chat");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [await styles(new URL("widget/widget.css", server))];
  document.body.append(host);
  applyAccent(host, options.color);

  const store = new Store(`parley:${server.href}:`);
  const panel = new Panel(root, chooseStrings(language), options.title);
  const conversation = new Conversation(server, store, language, panel);
  panel.attach(conversation, store);
  if (options.open !== undefined || store.get("open", false)) panel.open({ focus: false });
  else if (conversation.hasUnsent) conversation.connect();

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-parley-ask]");
    if (!link) return;
    panel.open();
    if (link.dataset.parleyAsk) conversation.say(link.dataset.parleyAsk);
  });
}

async function styles(url) {
  const answer = await fetch(url);
  const sheet = new CSSStyleSheet();
  return sheet.replace(await answer.text());
}

function applyAccent(host, color) {
  if (!color || !CSS.supports("color", color)) return;
  host.style.setProperty("--accent", color);
  host.style.setProperty("--on-accent", readableOn(color));
}
