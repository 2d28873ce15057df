// What may hang below an answer: its sources, pictures, and the thumbs.

import { element, icon } from "./elements.js";
import { isWebAddress } from "./markdown.js";

export function citationList(citations, strings, actions) {
  const list = element("ul", { class: "citations", "aria-label": strings.sources });
  const seen = new Set();
  for (const citation of citations) {
    if (seen.has(citation.passage_id)) continue;
    seen.add(citation.passage_id);
    const button = element("button", { type: "button", class: "citation", title: citation.quote });
    button.append(icon("document"), element("span", {}, lastHeading(citation.title) || citation.source));
    button.addEventListener("click", () => actions.showPassage(citation, button));
    list.append(element("li", {}, button));
  }
  return list;
}

// A title is often a path of headings, of which the last says most.
export function lastHeading(title) {
  return title.split(" › ").at(-1);
}

// What the bot has drawn.
export function pictures(attachments, strings) {
  return gallery(attachments, (attachment) => picture(attachment, strings));
}

// What the visitor has sent.
export function photos(attachments, strings) {
  return gallery(attachments, ({ address, width, height }) =>
    element("figure", {}, element("img", { src: address, width, height, alt: strings.photo })),
  );
}

// Pictures lie on the server that the widget comes from, whatever page it is on.
function gallery(attachments, draw) {
  const shown = attachments
    .map((attachment) => ({ ...attachment, address: new URL(attachment.url, import.meta.url).href }))
    .filter(({ kind, address }) => kind === "image" && isWebAddress(address))
    .map(draw);
  return shown.length ? [element("div", { class: "pictures" }, ...shown)] : [];
}

function picture({ address, width, height, name }, strings) {
  const image = element("img", { src: address, width, height, alt: name || strings.picture, loading: "lazy" });
  const original = element("a", { href: `${address}?download`, download: name || "" }, strings.original);
  return element("figure", {}, image, element("figcaption", {}, original));
}

export function feedbackBar(messageId, strings, actions) {
  const bar = element("div", { class: "feedback" });
  const thumbs = [
    [1, strings.helpful],
    [-1, strings.unhelpful],
  ].map(([score, label]) => {
    const button = element("button", { type: "button", class: "thumb", "aria-label": label, title: label });
    button.append(icon("like"));
    button.classList.toggle("down", score < 0);
    button.addEventListener("click", () => choose(score));
    return [score, button];
  });
  const note = element("span", { class: "thanks", role: "status" });
  bar.append(...thumbs.map(([, button]) => button), note);
  mark(actions.ratingOf(messageId));
  return bar;

  function choose(score) {
    if (!actions.rate(messageId, score)) return;
    mark(score);
    bar.querySelector("form")?.remove();
    note.textContent = strings.thanks;
    if (score < 0) bar.append(commentForm(messageId, strings, actions, note));
  }

  function mark(chosen) {
    for (const [score, button] of thumbs) button.setAttribute("aria-pressed", String(score === chosen));
  }
}

function commentForm(messageId, strings, actions, note) {
  const input = element("input", { type: "text", maxlength: 2000, placeholder: strings.missing });
  input.setAttribute("aria-label", strings.missing);
  const form = element("form", { class: "comment" }, input, element("button", { type: "submit" }, strings.send));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim() && !actions.rate(messageId, -1, input.value.trim())) return;
    form.remove();
    note.textContent = strings.thanks;
  });
  note.textContent = "";
  return form;
}
