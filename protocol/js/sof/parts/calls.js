/**
 * The ways in which old pages call a function, and what they get for an answer.
 */

import { block, wait } from "./asking.js";
import { SofError, asSofError } from "./faults.js";

/** The parameters that hold a PIN. */
const PIN = /pin$/i;

const FAILURES = { string: "", boolean: false, number: -1 };

/** Where 0 means success, other numbers are tries left and -1 is a locked PIN; this is neither. */
const LOGIN_FAILURE = -2;

/** All calls of one page, and the error of the last one. */
export class Calls {
  #functions;
  #pinFields;
  #agents;
  #lastError;
  #last = Promise.resolve();

  #lastErrors = {
    SOF_GetLastError: () => this.#lastError?.number ?? 0,
    SOF_GetLastErrMsg: () => this.#lastError?.tell["zh-Hans"] ?? "",
  };

  /**
   * @param {object} functions see `Functions`
   * @param {object} pinFields see `PinFields`
   * @param {{waiting: object, blocking?: object}} agents how to ask
   */
  constructor(functions, pinFields, agents) {
    this.#functions = functions;
    this.#pinFields = pinFields;
    this.#agents = agents;
  }

  /**
   * Call the function of one row of the table. With a callback among the values it is told, with
   * the value after it as `ctx`; else the answer is a promise, or on blocking pages the value.
   */
  call(row, values) {
    const at = values.findIndex((value) => typeof value === "function");
    const given = at === -1 ? values : values.slice(0, at);
    if (at === -1 && this.#agents.blocking) return this.#callNow(row, given);
    const outcome = this.#callLater(row, given);
    if (at === -1) return outcome;
    const [callback, ctx] = values.slice(at);
    // In a task of its own: what the page throws in there is the page's own error.
    const answer = (more) => setTimeout(() => callback({ ...more, ctx }), 0);
    outcome.then(
      (retVal) => answer({ retVal }),
      ({ code, tell }) => answer({ retVal: this.#failure(row), code, message: tell["zh-Hans"] }),
    );
    return undefined;
  }

  #callNow(row, given) {
    const read = this.#lastErrors[row.name];
    if (read) return read();
    try {
      return this.#succeed(block(this.#begin(row, given), this.#agents.blocking));
    } catch (error) {
      this.#fail(error);
      return this.#failure(row);
    }
  }

  async #callLater(row, given) {
    const read = this.#lastErrors[row.name];
    if (read) return read();
    try {
      const steps = this.#begin(row, given);
      const run = () => wait(steps, this.#agents.waiting);
      return this.#succeed(await (row.where === "agent" ? this.#inTurn(run) : run()));
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Old pages do not know that one window opens at a time, nor what the call before will choose. */
  #inTurn(run) {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => {}); // Who called is told; the next one may go on.
    return turn;
  }

  /** Return the function's steps, none of which is done yet; what is a PIN stays behind. */
  #begin(row, given) {
    const values = given.slice(0, row.parameters.length);
    row.parameters.forEach((parameter, at) => {
      if (PIN.test(parameter)) this.#pinFields.retire(values.splice(at, 1, undefined)[0]);
    });
    if (row.where === "refused") throw new SofError(row.error);
    return this.#functions[row.name](...values);
  }

  #succeed(value) {
    this.#lastError = undefined;
    return value;
  }

  #fail(error) {
    this.#lastError = asSofError(error);
    return this.#lastError;
  }

  #failure(row) {
    const isCounted = row.name === "SOF_Login" && this.#functions.settings.loginSuccess === 0;
    return isCounted ? LOGIN_FAILURE : (row.failure ?? FAILURES[row.result]);
  }
}
