/**
 * The page's own Content-Security-Policy before the agent: it makes a socket fail like any other,
 * but the browser says so in an event of its own (CSP level 3, section 5.4).
 *
 * @module signet/violations
 */

const EVENT = "securitypolicyviolation";

/** A browser may tell the whole address or the scheme alone. */
const SOCKET = /^wss?(:|$)/;

/** Firefox tells some 15 ms after the socket failed, later on a busy machine. */
const TELLING_MS = 200;

/** Count the sockets that the policy forbids, until `stop` is called. */
export function watchContentPolicy() {
  const target = globalThis.document ?? globalThis;
  let count = 0;
  const hear = ({ blockedURI, disposition }) => {
    if (disposition === "enforce" && SOCKET.test(blockedURI)) count += 1;
  };
  target.addEventListener?.(EVENT, hear);
  return {
    /** Whether the policy forbade every one of so many attempts. */
    async blocked(attempts) {
      if (!target.addEventListener) return false;
      await new Promise((resolve) => setTimeout(resolve, TELLING_MS));
      return count >= attempts;
    },
    stop: () => target.removeEventListener?.(EVENT, hear),
  };
}
