// What the browser keeps between visits; in memory where a page may not store anything.

export class Store {
  #prefix;
  #memory = new Map();

  constructor(prefix) {
    this.#prefix = prefix;
  }

  get(key, otherwise) {
    try {
      const text = localStorage.getItem(this.#prefix + key);
      return text === null ? (this.#memory.get(key) ?? otherwise) : JSON.parse(text);
    } catch {
      return this.#memory.get(key) ?? otherwise;
    }
  }

  set(key, value) {
    this.#memory.set(key, value);
    try {
      localStorage.setItem(this.#prefix + key, JSON.stringify(value));
    } catch {
      // Private windows and full disks: the memory has it for as long as the page is open.
    }
  }

  remove(...keys) {
    for (const key of keys) {
      this.#memory.delete(key);
      try {
        localStorage.removeItem(this.#prefix + key);
      } catch {
        // Nothing was stored then.
      }
    }
  }
}
