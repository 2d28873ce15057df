// The page's line to the server: what is seen comes as events, what is done goes as forms.

export class Server {
  #events = null;
  #seat = {};

  // `show(view)` gets each new view; `lost(isLost)` says when the line is cut and when it is back.
  constructor(show, lost) {
    this.show = show;
    this.lost = lost;
  }

  look(seat) {
    this.#seat = seat;
    this.#events?.close();
    this.#events = new EventSource(`/playground/events?${new URLSearchParams(seat)}`);
    this.#events.onopen = () => this.lost(false);
    this.#events.onerror = () => this.lost(true);
    this.#events.onmessage = (event) => this.show(JSON.parse(event.data));
  }

  get seat() {
    return this.#seat;
  }

  // Resolves to the words that the person is to see, "" for none.
  async act(view, what, fields = {}) {
    const form = new FormData();
    const all = { do: what, platform: view.platform, person: view.person, place: view.place.id, ...fields };
    for (const [name, value] of Object.entries(all)) if (value != null) form.append(name, value);
    return this.#post("/playground/actions", form).then((answer) => answer.notice);
  }

  async addCustomer(form) {
    return this.#post("/playground/customers", form);
  }

  async environment() {
    const response = await fetch("/playground/environment");
    return Object.entries(await response.json()).map(([name, value]) => `${name}=${value}`).join("\n");
  }

  async #post(address, body) {
    try {
      const response = await fetch(address, { method: "POST", body });
      return await response.json();
    } catch {
      return { notice: "The playground does not answer. Is it running still?" };
    }
  }
}
