/**
 * The browser's own question, shown to the person before it comes, and the way back after a Block.
 * Optional: signet.js does not need it. Made of elements and attributes alone, so that no
 * Content-Security-Policy stands in its way.
 *
 * @module signet/question
 */

import { asksForClosedPorts, queryPermission } from "./permission.js";

const SVG = "http://www.w3.org/2000/svg";

/** What fits into the picture of a host's name. */
const MOST_CHARACTERS = 30;

/** What the browsers write, and what the picture says for those who do not see it. */
const WORDS = {
  "zh-Hans": {
    wants: { chromium: "想要：", firefox: "想要" },
    access: "访问此设备上的其他应用和服务",
    allow: "允许",
    block: "禁止",
    caption: "浏览器会这样问。请点“允许”，这个网站才能找到签章助手；PIN 码和证书不会因此交给网站。",
    label: "浏览器提问的示意图：两个按钮，请点“允许”",
  },
  en: {
    wants: { chromium: "wants to:", firefox: "wants to" },
    access: "Access other apps and services on this device",
    allow: "Allow",
    block: "Block",
    caption:
      "Your browser will ask this. Choose Allow so that this site can reach Signet; it gives the site neither your PIN nor your certificate.",
    label: "Picture of the browser’s question: two buttons; choose Allow",
  },
};

/** How a Block is undone. */
const UNBLOCKING = {
  chromium: {
    "zh-Hans": [
      "点网址左边的图标。",
      "找到“访问此设备上的其他应用和服务”，改为“允许”；没有这一项，就点“网站设置”，在那里找。",
      "重新打开这个网页，再试一次。",
    ],
    en: [
      "Click the icon left of the address.",
      "Find “Access other apps and services on this device” and switch it to Allow; if it is not there, open Site settings and find it there.",
      "Load this page again and try once more.",
    ],
  },
  firefox: {
    "zh-Hans": [
      "点网址左边的权限图标。",
      "在“访问此设备上的其他应用和服务”旁边点 ×，去掉“已阻止”。",
      "重新打开这个网页，再试一次；浏览器再问时，点“允许”。",
    ],
    en: [
      "Click the permissions icon left of the address.",
      "Click the × beside “Access other apps and services on this device” to clear Blocked.",
      "Load this page again and try once more; when the browser asks, choose Allow.",
    ],
  },
};

/** Whether this browser is going to ask the person when the page connects for the first time. */
export async function willAsk() {
  const permission = await queryPermission();
  return permission?.state === "prompt" && asksForClosedPorts();
}

/**
 * Return how to undo a Block, step by step.
 *
 * @param {{language?: "zh-Hans" | "en", browser?: "chromium" | "firefox"}} [options]
 * @returns {readonly string[]}
 */
export function unblockSteps({ language = "zh-Hans", browser = thisBrowser() } = {}) {
  return UNBLOCKING[browser][language];
}

/**
 * Return a figure that shows the question as the browser will ask it, with its caption.
 *
 * @param {{language?: "zh-Hans" | "en", browser?: "chromium" | "firefox", host?: string}} [options]
 * @returns {HTMLElement}
 */
export function questionPicture({
  language = "zh-Hans",
  browser = thisBrowser(),
  host = globalThis.location.host,
} = {}) {
  const words = WORDS[language];
  const name = shorten(host);
  const picture = shape("svg", { viewBox: "0 0 400 180", role: "img", "aria-label": words.label });
  picture.append(
    // The address bar, from which the question hangs.
    shape("rect", { x: 1, y: 1, width: 398, height: 34, rx: 17, fill: "#eef1f4" }),
    shape("circle", { cx: 20, cy: 18, r: 7, fill: "none", stroke: "#5b6672", "stroke-width": 2 }),
    write(name, { x: 38, y: 23, fill: "#5b6672" }),
    // The question.
    shape("rect", { x: 12, y: 44, width: 376, height: 128, rx: 10, fill: "#fff", stroke: "#aeb7c0" }),
    write(`${name} ${words.wants[browser]}`, { x: 30, y: 74, fill: "#1d242b", "font-weight": 600 }),
    write(words.access, { x: 30, y: 102, fill: "#1d242b" }),
    ...button(words.block, { x: 188, y: 122 }, { fill: "#eef1f4" }, "#1d242b"),
    ...button(words.allow, { x: 284, y: 122 }, { fill: "#0b57d0" }, "#fff"),
    // The ring round the button to press.
    shape("rect", { x: 279, y: 117, width: 98, height: 46, rx: 23, fill: "none", ...RING }),
  );
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = words.caption;
  figure.lang = language;
  figure.append(picture, caption);
  return figure;
}

const RING = { stroke: "#c2410c", "stroke-width": 3 };

function thisBrowser() {
  return /\bFirefox\//.test(globalThis.navigator.userAgent) ? "firefox" : "chromium";
}

/** The end of a name says whose it is; browsers cut it at the beginning, too. */
function shorten(host) {
  return host.length > MOST_CHARACTERS ? `…${host.slice(1 - MOST_CHARACTERS)}` : host;
}

function button(text, { x, y }, look, ink) {
  return [
    shape("rect", { x, y, width: 88, height: 36, rx: 18, ...look }),
    write(text, { x: x + 44, y: y + 23, fill: ink, "text-anchor": "middle" }),
  ];
}

function write(text, attributes) {
  const element = shape("text", { "font-size": 14, "font-family": "sans-serif", ...attributes });
  element.textContent = text;
  return element;
}

function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
