// A WebSocket that comes back: waits longer after each failure, notices a dead line, knows no messages.

const FIRST_WAIT = 400;
const LONGEST_WAIT = 15_000;
const PING_EVERY = 25_000;
const PONG_WITHIN = 10_000;

export class Connection {
  #url;
  #listener;
  #socket = null;
  #failures = 0;
  #retry = 0;
  #ping = 0;
  #deadline = 0;

  // `listener` has opened(), received(event) and closed().
  constructor(server, listener) {
    this.#url = new URL("ws", server);
    this.#url.protocol = this.#url.protocol === "https:" ? "wss:" : "ws:";
    this.#listener = listener;
    addEventListener("online", () => this.#socket === null && this.#failures && this.open());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#socket === null && this.#failures) this.open();
    });
  }

  open() {
    clearTimeout(this.#retry);
    if (this.#socket) return;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#listener.opened();
    socket.onmessage = ({ data }) => this.#received(JSON.parse(data));
    socket.onclose = () => this.#closed(socket);
  }

  // Says whether the event went on its way; a closed line takes nothing.
  send(event) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(event));
    return true;
  }

  reopen() {
    const socket = this.#socket;
    if (!socket) return this.open();
    this.#failures = 0;
    socket.close();
    this.#closed(socket, 0);
  }

  // The server has welcomed us: from now on silence is watched.
  settled() {
    this.#failures = 0;
    clearInterval(this.#ping);
    this.#ping = setInterval(() => this.#check(), PING_EVERY);
  }

  #received(event) {
    clearTimeout(this.#deadline);
    this.#listener.received(event);
  }

  #check() {
    if (!this.send({ type: "ping" })) return;
    const socket = this.#socket;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      socket.close();
      this.#closed(socket);
    }, PONG_WITHIN);
  }

  #closed(socket, wait = this.#wait()) {
    if (socket !== this.#socket) return;
    socket.onmessage = null;
    this.#socket = null;
    this.#failures += 1;
    clearInterval(this.#ping);
    clearTimeout(this.#deadline);
    this.#listener.closed();
    this.#retry = setTimeout(() => this.open(), wait);
  }

  #wait() {
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
    return longest * (0.5 + Math.random() / 2);
  }
}
