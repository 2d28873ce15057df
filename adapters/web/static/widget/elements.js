// DOM nodes in one line each. Text always becomes text nodes, never markup.

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const PATHS = {
  chat: "M12 3c5 0 9 3.4 9 7.8s-4 7.8-9 7.8c-1 0-2-.1-2.9-.4L4.6 20.6c-.4.2-.8-.2-.7-.6l.9-3.6C3.1 15 3 13 3 10.8 3 6.4 7 3 12 3Z",
  close: "M6 6l12 12M18 6 6 18",
  down: "M6 9l6 6 6-6",
  photo: "M5 5h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1ZM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15 9.5h.01",
  send: "M12 19V5M6 11l6-6 6 6",
  document: "M7 3h7l4 4v13a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1ZM14 3v4h4M9 12h6M9 16h6",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20a7.5 7.5 0 0 1 15 0",
  restart: "M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5",
  back: "M14 6l-6 6 6 6",
  like: "M8 11v9H5a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1h3Zm0 0 3.5-7.2c1.4 0 2.3 1 2.3 2.3v3.4h4.3a2 2 0 0 1 2 2.3l-1 6.5a2 2 0 0 1-2 1.7H8",
  link: "M10 6H6a1 1 0 0 0-1 1v11a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1v-4M14 5h5v5M19 5l-8 8",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon", `icon-${name}`);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
