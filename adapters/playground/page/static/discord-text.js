// Discord's Markdown as DOM nodes: blocks line by line, then styles within them.

import { element, link } from "./elements.js";

const FENCE = /```(?:([\w+-]+)\n)?\n?([\s\S]+?)```/g;
const INLINE = [
  [/\\([\\*_~`|>#\-[\]()])/, (match) => match[1]],
  [/``(.+?)``|`([^`\n]+)`/s, (match) => element("code", {}, match[1] ?? match[2])],
  [/\*\*\*(.+?)\*\*\*/s, (match, names) => element("strong", {}, element("em", {}, ...inline(match[1], names)))],
  [/\*\*(.+?)\*\*(?!\*)/s, (match, names) => element("strong", {}, ...inline(match[1], names))],
  [/__(.+?)__(?!_)/s, (match, names) => element("u", {}, ...inline(match[1], names))],
  [/~~(.+?)~~/s, (match, names) => element("s", {}, ...inline(match[1], names))],
  [/\|\|(.+?)\|\|/s, (match, names) => element("span", { class: "spoiler", tabindex: "0" }, ...inline(match[1], names))],
  [/\*([^\s*](?:.*?[^\s*])?)\*(?!\*)/s, (match, names) => element("em", {}, ...inline(match[1], names))],
  [/(?<!\w)_([^\s_](?:.*?[^\s_])?)_(?!\w)/s, (match, names) => element("em", {}, ...inline(match[1], names))],
  [/\[([^\]\n]+)\]\(<?(https?:\/\/[^\s)>]+)>?(?: "[^"]*")?\)/, (match, names) => link(match[2], ...inline(match[1], names))],
  [/<(https?:\/\/[^\s>]+)>|(https?:\/\/[^\s<>]+[^\s<>.,:;!?)\]])/, (match) => link(match[1] ?? match[2], match[1] ?? match[2])],
  [/<@!?(\d+)>/, (match, names) => element("span", { class: "mention" }, `@${names[match[1]] ?? "somebody"}`)],
];

export function discordText(text, names) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(FENCE)) {
    nodes.push(...blocks(text.slice(end, match.index), names));
    nodes.push(element("pre", {}, element("code", { "data-language": match[1] }, match[2])));
    end = match.index + match[0].length;
  }
  nodes.push(...blocks(text.slice(end), names));
  return nodes;
}

function blocks(text, names) {
  const nodes = [];
  let plain = [];
  const flush = () => {
    const words = plain.join("\n");
    if (words.trim()) nodes.push(element("p", {}, ...inline(words.replace(/^\n+|\n+$/g, ""), names)));
    plain = [];
  };
  for (const line of text.split("\n")) {
    const block = blockOf(line, nodes, names, flush);
    if (block) nodes.push(block);
    else if (block === null) plain.push(line);
  }
  flush();
  return nodes;
}

// A node to add, undefined when the line went into the block before it, null when it is plain text.
function blockOf(line, nodes, names, flush) {
  const [, mark, rest] = line.match(/^(#{1,3} |-# |> |\s*[-*] |\s*\d+\. )(.+)$/) ?? [];
  if (!mark) return null;
  flush();
  if (mark.startsWith("-#")) return element("p", { class: "small" }, ...inline(rest, names));
  if (mark.startsWith("#")) return element(`h${mark.trim().length + 2}`, {}, ...inline(rest, names));
  const [tag, child] = mark.startsWith(">") ? ["blockquote", "div"] : [/\d/.test(mark) ? "ol" : "ul", "li"];
  const item = element(child, {}, ...inline(rest, names));
  const last = nodes.at(-1);
  if (last?.localName === tag) return void last.append(item);
  return element(tag, { start: tag === "ol" && parseInt(mark, 10) }, item);
}

function inline(text, names) {
  let first = null;
  for (const [pattern, make] of INLINE) {
    const match = text.match(pattern);
    if (match && (!first || match.index < first.match.index)) first = { match, make };
  }
  if (!first) return text ? [text] : [];
  const { match, make } = first;
  const rest = inline(text.slice(match.index + match[0].length), names);
  return [text.slice(0, match.index), make(match, names), ...rest].filter((node) => node !== "");
}
