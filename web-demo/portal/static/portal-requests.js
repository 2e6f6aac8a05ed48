/**
 * Asking the department's own server, and showing where things stand. Shared by the pages.
 *
 * @module portal-requests
 */

/** The page's sentences in its language, by key. */
export const texts = JSON.parse(document.getElementById("texts").textContent);

/** A request that the server answered with a refusal; `message` is made for the person. */
export class Refused extends Error {
  constructor(status, body) {
    super(body?.error?.message ?? texts.network);
    this.status = status;
    this.body = body;
  }
}

/**
 * Post one JSON document to this site.
 *
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<object>} the answer
 * @throws {Refused} with the server's sentence, or with one about the network
 */
export async function post(path, body = {}) {
  const token = document.querySelector("meta[name=csrf-token]").content;
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/json",
    "X-CSRFToken": token,
  };
  let response;
  try {
    response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  } catch {
    throw new Refused(0);
  }
  const answer = await response.json().catch(() => undefined);
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

/** Return a sentence with its braces filled. */
export function say(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
