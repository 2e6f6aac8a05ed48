/**
 * Logging in: a nonce from the server, a token from the agent, back to the server.
 *
 * @module portal-login
 */

import { onAgentClick, showNamed } from "/static/portal-agent.js";
import { post } from "/static/portal-requests.js";

const login = document.getElementById("login");

onAgentClick(login, document.getElementById("cancel"), async (agent, signal) => {
  const { nonce } = await post("/login/nonce");
  const onProgress = (state) =>
    state === "waiting_for_person" && showNamed("waiting", "login_waiting");
  const { token } = await agent.login(nonce, { signal, onProgress });
  showNamed("submitting", "login_checking");
  await post("/login", { nonce, token });
  location.assign(login.dataset.next);
});
