/**
 * Speaking with the agent on behalf of the person, and telling her all the way where things stand.
 * Shared by logging in and signing.
 *
 * @module portal-agent
 */

import { Signet, SignetError } from "/static/signet.js";
import { texts } from "/static/portal-requests.js";

const ABSENT = "client.unreachable";
const CALM = new Set(["page.cancelled", "user.refused"]);

const region = document.getElementById("agent-state");
const title = document.getElementById("state-title");
const sentence = document.getElementById("state-sentence");
const help = document.getElementById("agent-absent");

/** Show a state: its name for the style sheet, a title, a sentence. */
export function showState(state, titleText, sentenceText) {
  region.dataset.state = state;
  title.hidden = false;
  title.textContent = titleText;
  sentence.textContent = sentenceText;
  help.hidden = state !== "absent";
}

/** Show one of the texts' named states: `connecting` has `connecting_title` and `connecting`. */
export function showNamed(state, name = state) {
  showState(state, texts[`${name}_title`], texts[name]);
}

/**
 * Let a click run one act with the agent: one at a time, with a way to stop it, every outcome shown.
 *
 * @param {HTMLButtonElement} start
 * @param {HTMLButtonElement} stop shown while the act runs
 * @param {(agent: Signet, signal: AbortSignal) => Promise<void>} act
 */
export function onAgentClick(start, stop, act) {
  start.addEventListener("click", async () => {
    const controller = new AbortController();
    const cancel = () => controller.abort();
    const { signal } = controller;
    start.hidden = true;
    stop.hidden = false;
    stop.addEventListener("click", cancel);
    let agent;
    try {
      showNamed("connecting");
      const onPermission = (state) => state === "prompt" && showNamed("connecting", "permission");
      agent = await Signet.connect({ signal, onPermission });
      await act(agent, signal);
    } catch (error) {
      showError(error);
      start.hidden = false;
      start.focus();
    } finally {
      agent?.close();
      stop.hidden = true;
      stop.removeEventListener("click", cancel);
    }
  });
}

function showError(error) {
  if (!(error instanceof SignetError)) {
    showState("error", texts.error_title, error.message);
    return;
  }
  region.dataset.code = error.code;
  if (error.code === ABSENT) showNamed("absent");
  else if (CALM.has(error.code)) showState("cancelled", texts.cancelled_title, error.tell[texts.lang]);
  else showState("error", texts.error_title, error.tell[texts.lang]);
}
