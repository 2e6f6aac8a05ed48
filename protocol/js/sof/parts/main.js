/**
 * What happens when the script is loaded.
 */

import { BlockingAgent, WaitingAgent, isWithinOwnSite } from "./asking.js";
import { install, readSettings } from "./page.js";

const script = document.currentScript;
const settings = readSettings(script.dataset);
const clientAt = new URL(script.dataset.client ?? "../signet.js", script.src).href;

/** The client's words, once it is loaded; a blocking call cannot wait for them. */
let words = {};

const loadClient = async () => {
  const client = await import(clientAt);
  words = client.ERRORS;
  return client;
};
const connect = async () => {
  const { Signet } = await loadClient();
  const ports = { ws: settings.ports, wss: settings.tlsPorts };
  return Signet.connect({ ports, allowFramed: isWithinOwnSite(window) });
};

const waiting = new WaitingAgent(connect);
if (settings.synchronous) {
  loadClient().catch(() => {}); // Only for its words; a blocking call does without.
  const sentences = (code) => words[code]?.tell;
  install(window, settings, {
    waiting,
    blocking: new BlockingAgent(window, settings.tlsPorts, sentences),
  });
} else {
  install(window, settings, { waiting });
}
