/* Keeps the page fresh and lets the keyboard do the work; every form works without it, too. */

const SLOWLY = 15_000;
const OFFLINE = 5_000;
const main = document.querySelector("main.thread");
const messages = () => document.getElementById("messages");

/* Freshness: the server says when something has changed, and the page fetches itself again. */

let draft = "";
let refreshing = null;
let again = false;

function refresh() {
  if (refreshing) {
    again = true;
    return refreshing;
  }
  refreshing = load(location.href).finally(() => {
    refreshing = null;
    if (again) {
      again = false;
      refresh();
    }
  });
  return refreshing;
}

async function load(address, options = {}) {
  const response = await fetch(address, { ...options, headers: { Accept: "text/html" } }).catch(() => null);
  showOffline(!response || response.status === 503);
  if (!response) return null;
  if (new URL(response.url).pathname.endsWith("/log-in")) location.assign(response.url);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (response.ok) show(page);
  return { ok: response.ok, reason: page.querySelector("[data-reason]")?.textContent };
}

function show(page) {
  document.title = page.title;
  const version = page.querySelector("main.thread")?.dataset.version;
  if (version) main.dataset.version = version;
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    const update = { messages: append, composer: swap }[part.id] ?? replace;
    if (fresh) update(part, fresh);
  }
  localTimes();
}

/* New messages join those that are there, so that a screen reader says them alone. */
function append(part, fresh) {
  const isAtEnd = part.scrollHeight - part.scrollTop - part.clientHeight < 80;
  part.append(...[...fresh.querySelectorAll("article")].filter((message) => !document.getElementById(message.id)));
  if (isAtEnd) part.scrollTop = part.scrollHeight;
}

/* The reply box stays, with what is being written in it, until the conversation is in another state. */
function swap(part, fresh) {
  if (part.dataset.state === fresh.dataset.state) return;
  draft = part.querySelector("textarea")?.value ?? draft;
  part.dataset.state = fresh.dataset.state;
  part.replaceChildren(...fresh.childNodes);
  const box = part.querySelector("textarea");
  if (box) box.value = draft;
}

function replace(part, fresh) {
  if (part.innerHTML === fresh.innerHTML) return;
  const link = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  part.replaceChildren(...fresh.childNodes);
  if (link) [...part.querySelectorAll("a")].find((a) => a.getAttribute("href") === link)?.focus();
}

function showOffline(isOffline) {
  document.getElementById("offline").hidden = !isOffline;
}

let events = null;

/* A hidden page only looks now and then: a browser keeps few connections to one server, and each stream takes one. */
function listen() {
  events?.close();
  if (document.hidden) return;
  const query = new URLSearchParams({ version: main.dataset.version });
  if (main.dataset.conversation) query.set("conversation", main.dataset.conversation);
  events = new EventSource(new URL(`../events?${query}`, import.meta.url));
  events.onmessage = refresh;
  events.onopen = () => showOffline(false);
  events.onerror = () => {
    events.close();
    setTimeout(() => refresh().then(listen), OFFLINE);
  };
}

/* The server writes times in UTC. */
function localTimes() {
  const today = new Date().toDateString();
  for (const time of document.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    const day = moment.toDateString() === today ? {} : { month: "short", day: "numeric" };
    time.textContent = moment.toLocaleString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", ...day });
  }
}

/* Forms: sent in the background, so that the page keeps its place. */

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-say], [data-act]")) return;
  event.preventDefault();
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  const sent = await load(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  button.disabled = false;
  if (sent && !sent.ok) await refresh();
  tell(sent);
  if (!sent?.ok) return;
  if (form.matches("[data-say]")) clear(form);
  document.querySelector("textarea[data-reply]")?.focus();
  scrollToEnd();
});

function tell(sent) {
  const problem = document.getElementById("problem");
  problem.hidden = Boolean(sent?.ok);
  problem.textContent = sent?.reason ?? document.getElementById("offline").textContent;
}

/* A message that was sent again by mistake keeps its key; the next one has a new one. */
function clear(form) {
  form.elements.text.value = "";
  form.elements.key.value = crypto.randomUUID();
}

function scrollToEnd() {
  const part = messages();
  if (part) part.scrollTop = part.scrollHeight;
}

/* Keys. */

document.addEventListener("keydown", (event) => {
  if (event.target.matches("textarea")) return inReply(event);
  if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
  const action = { j: () => move(1), k: () => move(-1), r: reply }[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

function inReply(event) {
  if (event.key === "Escape") event.target.blur();
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
}

function move(step) {
  const lines = [...document.querySelectorAll("a.line")];
  const here = lines.findIndex((line) => line === document.activeElement);
  const open = lines.findIndex((line) => line.hasAttribute("aria-current"));
  const from = here >= 0 ? here : open;
  lines[Math.min(Math.max(from + step, 0), lines.length - 1)]?.focus();
}

function reply() {
  document.querySelector("[data-reply]")?.focus();
}

document.addEventListener("visibilitychange", () => (document.hidden ? events?.close() : refresh().then(listen)));

localTimes();
scrollToEnd();
listen();
setInterval(refresh, SLOWLY);
