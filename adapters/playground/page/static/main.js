// The page: who acts and where, what is seen there, and what may be done.

import { byId, element } from "./elements.js";
import { Composer } from "./composer.js";
import { Log } from "./log.js";
import { Places } from "./places.js";
import { Server } from "./server.js";

const NOTICE_SECONDS = 8;

let view = null;
let noticeTimer = 0;

const server = new Server(show, (lost) => document.body.classList.toggle("lost", lost));
const composer = new Composer(act);
const places = new Places(byId("places"), (platform, place) => server.look({ ...server.seat, platform, place }));
const log = new Log(byId("log"), {
  press: (message, button) => act("press", { message: message.id, button: button.id }),
  react: (message, emoji) => act("react", { message: message.id, emoji }),
  answer: (message) => composer.answer(message),
  edit: (message) => composer.edit(message),
});

async function act(what, fields) {
  notice(await server.act(view, what, fields));
}

function show(next) {
  view = next;
  const platform = view.platforms.find((each) => each.name === view.platform);
  showCustomers();
  places.show(view);
  composer.show(view);
  byId("place-title").textContent = view.place.title;
  byId("state").textContent = platform.connected ? "" : "No bot is connected here yet: see “Connect a bot”.";
  byId("typing").textContent = view.typing ? "The bot is typing…" : "";
  byId("block").hidden = view.place.is_shared;
  byId("block").textContent = view.blocked ? "Unblock the bot" : "Block the bot";
  log.show(`${view.customer}/${view.platform}/${view.place.id}`, view.messages);
}

function showCustomers() {
  const select = byId("customer");
  const names = view.customers.map((customer) => customer.name).join("\n");
  if (select.dataset.names !== names) {
    select.replaceChildren(...view.customers.map(({ id, name }) => element("option", { value: id }, name)));
    select.dataset.names = names;
  }
  select.value = view.customer;
}

function notice(words) {
  const node = byId("notice");
  node.textContent = words ?? "";
  node.hidden = !words;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { node.hidden = true; }, NOTICE_SECONDS * 1000);
}

byId("customer").addEventListener("change", (event) => {
  server.look({ ...server.seat, customer: event.target.value, platform: view.platform, place: view.place.id });
});

byId("block").addEventListener("click", () => act("block", { blocked: String(!view.blocked) }));

byId("new-customer").addEventListener("click", () => byId("customer-dialog").showModal());
byId("no-customer").addEventListener("click", () => byId("customer-dialog").close());
byId("new-customer-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const added = await server.addCustomer(new FormData(event.target));
  event.target.reset();
  byId("customer-dialog").close();
  notice(added.notice);
  if (added.id) server.look({ customer: added.id, platform: view.platform, place: view.place.id });
});

byId("show-settings").addEventListener("click", async () => {
  byId("environment").textContent = await server.environment();
  byId("settings").showModal();
});
byId("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(byId("environment").textContent);
  byId("copy").textContent = "Copied";
});

server.look({});
