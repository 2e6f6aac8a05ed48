/**
 * The page's own Content-Security-Policy before the agent: it makes a socket fail like any other,
 * and says so in an event of its own, before the socket's (CSP level 3, section 5.4).
 *
 * @module signet/violations
 */

const EVENT = "securitypolicyviolation";

/** A browser may tell the whole address or the scheme alone. */
const SOCKET = /^wss?(:|$)/;

/** Count the sockets that the page's policy keeps from being opened, until `stop` is called. */
export function countViolations() {
  const target = globalThis.document ?? globalThis;
  const counted = { violations: 0, stop: () => target.removeEventListener?.(EVENT, hear) };
  function hear({ blockedURI, disposition }) {
    if (disposition === "enforce" && SOCKET.test(blockedURI)) counted.violations += 1;
  }
  target.addEventListener?.(EVENT, hear);
  return counted;
}
