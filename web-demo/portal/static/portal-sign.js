/**
 * Signing: exactly the bytes the server offered, compared with the code on the page, to the agent;
 * the signature back to the server.
 *
 * @module portal-sign
 */

import { comparisonCode } from "/static/signet.js";
import { onAgentClick, showNamed } from "/static/portal-agent.js";
import { Refused, post, texts } from "/static/portal-requests.js";

const PROGRESS = {
  preparing: ["waiting", "sign_waiting"],
  waiting_for_person: ["waiting", "sign_waiting"],
  signing: ["waiting", "signing"],
};

const back = document.getElementById("back");

onAgentClick(document.getElementById("sign"), document.getElementById("cancel"), act);

async function act(agent, signal) {
  back.hidden = true;
  try {
    const octets = await fetchDocument();
    const onProgress = (state) => PROGRESS[state] && showNamed(...PROGRESS[state]);
    const { signature } = await agent.sign(octets, {
      mediaType: "application/json",
      packaging: "detached",
      onProgress,
      signal,
    });
    showNamed("submitting");
    const { next } = await post("signature", { signature });
    showNamed("done");
    location.assign(next);
  } catch (error) {
    back.hidden = false;
    throw error;
  }
}

/** Return the document, once it is the one whose code stands on the page. */
async function fetchDocument() {
  let octets;
  try {
    const response = await fetch("document.json", { cache: "no-store" });
    if (!response.ok) throw new Refused(response.status, await response.json().catch(() => null));
    octets = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(0);
  }
  const shown = document.getElementById("comparison-code").textContent;
  if ((await comparisonCode(octets)) !== shown) throw new Error(texts.changed);
  return octets;
}
