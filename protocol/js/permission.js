/**
 * The browser's own gate before the agent (Local Network Access): what it asks, and what it means
 * when a socket fails.
 *
 * To a page a socket that fails is one that closed, whatever the cause. Chromium holds a socket
 * while it asks the person, and asks even when nobody listens on the port; Firefox asks for no
 * WebSocket yet. Only the permission's state before and after, and the time that passed, tell
 * the causes apart.
 *
 * @module signet/permission
 */

import { findAgent } from "./discovery.js";
import { SignetError } from "./errors.js";

/** When nothing has opened after this time, the browser is asking, if it asks at all. */
const ASKING_MS = 400;

/** A socket that fails later than this was held by a question, not by a closed port. */
const HELD_MS = 3_000;

/** How long the person may take to answer when no socket is waiting for it. */
const PERMISSION_WAIT_MS = 30_000;

const LOOPBACK_HOST = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Find the agent, and say what stands in the way when it cannot be found.
 *
 * @returns {Promise<import("./conversation.js").Conversation>}
 * @throws {SignetError}
 */
export async function findThroughPermission({ onPermission, permissionWaitMs, ...options }) {
  const permission = await queryPermission();
  if (permission?.state !== "prompt") {
    const { conversation } = await findAgent(options);
    return conversation ?? refuse(permission);
  }
  const hint = setTimeout(() => onPermission?.("prompt"), ASKING_MS);
  try {
    const { conversation, slowestMs } = await findAgent(options);
    if (conversation) return conversation;
    if (permission.state === "prompt") {
      if (slowestMs >= HELD_MS) throw new SignetError("client.permission_pending");
      if (!asksForClosedPorts()) return refuse(permission);
      await waitForAnswer(permission, permissionWaitMs ?? PERMISSION_WAIT_MS, options.signal);
    }
  } finally {
    clearTimeout(hint);
    const { state } = permission;
    if (onPermission && state !== "prompt") queueMicrotask(() => onPermission(state));
  }
  const { conversation } = permission.state === "granted" ? await findAgent(options) : {};
  return conversation ?? refuse(permission);
}

/** Return the browser's permission, or `undefined` where there is no such gate. */
export async function queryPermission() {
  try {
    return await globalThis.navigator.permissions.query({ name: "loopback-network" });
  } catch {
    return undefined;
  }
}

/** Whether an open question may be the reason for a fast failure: Chromium, page not local. */
export function asksForClosedPorts() {
  const brands = globalThis.navigator.userAgentData?.brands ?? [];
  const isLocalPage = LOOPBACK_HOST.test(globalThis.location?.hostname ?? "");
  return !isLocalPage && brands.some(({ brand }) => brand === "Chromium");
}

function waitForAnswer(permission, waitMs, signal) {
  return new Promise((resolve, reject) => {
    const finish = (settle, value) => {
      clearTimeout(timer);
      permission.onchange = null;
      signal?.removeEventListener("abort", abort);
      settle(value);
    };
    const abort = () => finish(reject, new SignetError("page.cancelled", { cause: signal.reason }));
    const expire = () => finish(reject, new SignetError("client.permission_pending"));
    const timer = setTimeout(expire, waitMs);
    permission.onchange = () => finish(resolve);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function refuse(permission) {
  const isDenied = permission?.state === "denied";
  throw new SignetError(isDenied ? "client.permission_denied" : "client.unreachable");
}
