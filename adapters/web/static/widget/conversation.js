// The state of the conversation: what was said, what is still unsent, and where the server stands.
// Nothing is lost: a message stays in the unsent list, kept over reloads, until it is acknowledged.
// Nothing is doubled: messages are known by the id made here, stored ones by their number.

import { Connection } from "./connection.js";

const SHOWN_AFTER_RELOAD = 50;
const UNSENT_AT_MOST = 30;
const UPLOAD_WITHIN = 60_000;

export class Conversation {
  #server;
  #store;
  #language;
  #view;
  #connection;
  #ready = false;
  #restart = false;
  #last = 0; // highest number shown
  #first = Infinity; // lowest number shown
  #live = false;
  #characters = 4000;

  // `view` shows things; see Panel for its methods.
  constructor(server, store, language, view) {
    this.#server = server;
    this.#store = store;
    this.#language = language;
    this.#view = view;
    this.#connection = new Connection(server, {
      opened: () => this.#hello(),
      received: (event) => this[`on_${event.type}`]?.(event),
      closed: () => this.#lost(),
    });
    for (const message of this.#unsent) view.pending(message);
  }

  get #unsent() {
    return this.#store.get("unsent", []);
  }

  get hasUnsent() {
    return this.#unsent.length > 0;
  }

  get characters() {
    return this.#characters;
  }

  connect() {
    this.#connection.open();
  }

  // Puts a photo on the server, for `photos` of the message that is said next; throws with the server's `code`.
  async upload(photo) {
    const headers = { Authorization: `Bearer ${this.#store.get("token", "")}` };
    const signal = AbortSignal.timeout(UPLOAD_WITHIN);
    const answer = await fetch(new URL("photos", this.#server), { method: "POST", headers, body: photo, signal });
    const content = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(content.error.message), { code: content.error.code });
    return content;
  }

  say(text, photos = []) {
    const message = { id: newId(), text: text.trim(), photos };
    if (!(message.text || photos.length) || this.#unsent.length >= UNSENT_AT_MOST) return false;
    this.#store.set("unsent", [...this.#unsent, message]);
    this.#view.pending(message);
    if (this.#ready) this.#transmit(message);
    else this.connect();
    return true;
  }

  rate(messageId, score, comment = "") {
    const rated = { ...this.#store.get("rated", {}), [messageId]: score };
    this.#store.set("rated", Object.fromEntries(Object.entries(rated).slice(-200)));
    return this.#connection.send({ type: "feedback", message_id: messageId, score, comment });
  }

  ratingOf(messageId) {
    return this.#store.get("rated", {})[messageId] ?? 0;
  }

  askForPassage(id) {
    return this.#connection.send({ type: "passage", id });
  }

  showEarlier() {
    this.#live = false;
    this.#connection.send({ type: "resume", after: Math.max(0, this.#first - 1 - SHOWN_AFTER_RELOAD) });
  }

  startOver() {
    this.#restart = true;
    this.#forget();
    this.#connection.reopen();
  }

  on_welcome(event) {
    if (!event.returning && this.#last) this.#forget();
    this.#store.set("token", event.token);
    this.#restart = false;
    this.#ready = true;
    this.#live = false;
    this.#characters = event.characters;
    this.#connection.settled();
    this.#view.welcome(event);
    for (const message of this.#unsent) this.#transmit(message);
    const stored = event.returning ? this.#store.get("last", 0) : 0;
    this.#connection.send({ type: "resume", after: this.#last || Math.max(0, stored - SHOWN_AFTER_RELOAD) });
  }

  on_ack({ id, message_id }) {
    this.#settle(id);
    this.#view.sent(id, message_id);
  }

  on_messages({ messages }) {
    for (const message of messages) {
      this.#view.message(message, this.#live);
      this.#last = Math.max(this.#last, message.number);
      this.#first = Math.min(this.#first, message.number);
    }
    this.#store.set("last", this.#last);
    this.#view.earlier(this.#first > 1 && this.#first !== Infinity);
  }

  on_resumed() {
    this.#live = true;
    this.#view.ready();
  }

  on_delta({ text }) {
    this.#view.words(text);
  }

  on_quick_replies({ message_id, texts }) {
    this.#view.quickReplies(message_id, texts);
  }

  on_passage({ passage }) {
    this.#view.passage(passage);
  }

  on_error({ id, code, retry_after }) {
    const message = this.#unsent.find((item) => item.id === id);
    if (!message) return;
    if (retry_after !== undefined) {
      this.#view.waiting(id);
      setTimeout(() => this.#transmitAgain(id), retry_after * 1000);
      return;
    }
    this.#settle(id);
    this.#view.failed(id, code);
  }

  #hello() {
    const token = this.#store.get("token", null);
    this.#connection.send({ type: "hello", token, restart: this.#restart, language: this.#language });
  }

  #transmit({ id, text, photos = [] }) {
    this.#connection.send({ type: "message", id, text, photos: photos.map(({ photo }) => photo) });
  }

  #transmitAgain(id) {
    const message = this.#unsent.find((item) => item.id === id);
    if (message && this.#ready) this.#transmit(message);
  }

  #settle(id) {
    this.#store.set("unsent", this.#unsent.filter((message) => message.id !== id));
  }

  #lost() {
    this.#ready = false;
    this.#view.offline();
  }

  #forget() {
    this.#last = 0;
    this.#first = Infinity;
    this.#store.remove("last", "rated");
    if (this.#restart) this.#store.remove("unsent");
    this.#view.clear();
    for (const message of this.#unsent) this.#view.pending(message);
  }
}

// randomUUID is missing on pages without https.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
