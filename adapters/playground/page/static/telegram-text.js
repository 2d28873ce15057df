// A Telegram text with its entities as DOM nodes. Offsets count UTF-16 units, as JavaScript's strings do.

import { element, link } from "./elements.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

export function telegramText(text, entities) {
  const sorted = [...entities].sort((one, other) => one.offset - other.offset || other.length - one.length);
  return between(text, 0, text.length, sorted);
}

function between(text, start, end, entities) {
  const nodes = [];
  let at = start;
  for (let index = 0; index < entities.length; index++) {
    const entity = entities[index];
    const until = Math.min(entity.offset + entity.length, end);
    if (entity.offset < at) continue;
    const inner = entities.slice(index + 1).filter((other) => other.offset >= entity.offset && other.offset < until);
    nodes.push(text.slice(at, entity.offset), styled(text, entity, until, inner));
    at = until;
  }
  nodes.push(text.slice(at, end));
  return nodes.filter((node) => node !== "");
}

function styled(text, entity, until, inner) {
  const words = text.slice(entity.offset, until);
  const children = between(text, entity.offset, until, inner);
  if (TAGS[entity.type]) return element(TAGS[entity.type], {}, ...children);
  if (entity.type === "pre") return element("pre", {}, element("code", { "data-language": entity.language }, words));
  if (entity.type === "spoiler") return element("span", { class: "spoiler", tabindex: "0" }, ...children);
  if (entity.type === "text_link") return link(entity.url, ...children);
  if (entity.type === "url") return link(/^\w+:/.test(words) ? words : `https://${words}`, words);
  if (entity.type === "email") return link(`mailto:${words}`, words);
  return element("span", { class: "mention" }, ...children);
}
