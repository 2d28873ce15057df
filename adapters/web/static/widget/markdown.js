// A small and safe part of Markdown as DOM nodes: paragraphs, lists, bold, code, and links to the web.

import { element } from "./elements.js";

const INLINE = /\*\*(?<bold>[^*\n]+)\*\*|`(?<code>[^`\n]+)`|\[(?<label>[^\]\n]+)\]\((?<target>https?:\/\/[^\s)]+)\)|(?<url>https?:\/\/[^\s<>"'）。，；]+[^\s<>"'）。，；.,;:!?)])/gu;
const BULLET = /^\s*[-*•]\s+/;
const ORDINAL = /^\s*\d+[.)]\s+/;

export function markdown(text) {
  const blocks = [];
  for (const line of text.split("\n")) {
    const tag = BULLET.test(line) ? "ul" : ORDINAL.test(line) ? "ol" : "p";
    const last = blocks.at(-1);
    if (!line.trim()) blocks.push(null);
    else if (tag === "p" && last?.localName === "p") last.append(element("br"), ...inline(line));
    else if (tag === "p") blocks.push(element("p", {}, ...inline(line)));
    else {
      const list = last?.localName === tag ? last : element(tag, { start: tag === "ol" && parseInt(line, 10) });
      list.append(element("li", {}, ...inline(line.replace(tag === "ul" ? BULLET : ORDINAL, ""))));
      if (list !== last) blocks.push(list);
    }
  }
  return blocks.filter(Boolean);
}

function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(end, match.index), styled(match.groups));
    end = match.index + match[0].length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

function styled({ bold, code, label, target, url }) {
  if (bold) return element("strong", {}, bold);
  if (code) return element("code", {}, code);
  return webLink(target ?? url, label ?? url);
}

export function webLink(address, label) {
  return element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label);
}

export function isWebAddress(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}
