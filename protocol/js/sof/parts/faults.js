/**
 * What can go wrong, in the contract's words and in the numbers that old pages look at.
 */

import { TABLE } from "./table.js";

const OWN = new Map(TABLE.errors.map((entry) => [entry.code, entry]));

/** Lends its number and its sentence to codes that are not known yet. */
const FAULT = OWN.get("sof.fault");

/** The SOR_ numbers of GM/T 0020 for the agent's codes; a few are GDCA's, whose pages know them. */
const NUMBERS = new Map(
  Object.entries({
    "page.too_large": 0x0b000200,
    "page.document_unsuitable": 0x0b000201,
    "page.envelope_unsuitable": 0x0b000416,
    "page.certificate_unknown": 0x0b000310,
    "page.cancelled": 0x0b000447,
    "user.refused": 0x0b000447,
    "user.timeout": 0x0b000101,
    "user.pin_incorrect": 0x0b000426,
    "token.absent": 0x0b000310,
    "token.removed": 0x0b000448,
    "token.pin_locked": 0x0b000442,
    "token.timeout": 0x0b000101,
    "token.certificate_expired": 0x0b000407,
    "token.certificate_unsuitable": 0x0b000009,
    "policy.operation_denied": 0x0b000312,
    "policy.format_denied": 0x0b000312,
    "policy.key_denied": 0x0b000312,
    "client.unreachable": 0x0b000011,
    "client.permission_denied": 0x0b000011,
    "client.permission_pending": 0x0b000011,
  }),
);

/** Why a call gave no result: `code` for programs, `number` for old ones, `tell` for the person. */
export class SofError extends Error {
  constructor(code, { tell, message, cause } = {}) {
    const own = OWN.get(code) ?? FAULT;
    super(`${code}: ${message ?? own.meaning}`, { cause });
    this.name = "SofError";
    this.code = code;
    this.number = NUMBERS.get(code) ?? Number(own.number);
    this.tell = tell ?? own.tell;
  }
}

/** Return any error as ours; the agent's and the client's keep code and sentence. */
export function asSofError(error) {
  if (error instanceof SofError) return error;
  const { code, tell, message } = error;
  if (typeof code === "string" && /^(page|user|token|policy|agent|client)\./.test(code)) {
    return new SofError(code, { tell, message, cause: error });
  }
  return new SofError("sof.fault", { message, cause: error });
}
