/**
 * The functions on a page: their names, the ways to call them, and what they answer.
 */

import { block, wait } from "./asking.js";
import { SofError, asSofError } from "./faults.js";
import { Functions } from "./functions.js";
import { PinFields } from "./pin_fields.js";
import { TABLE } from "./table.js";

/** BJCA's control, as old pages name it in `<object>`. */
const CONTROL = 'object[classid="clsid:3f367b74-92d9-4c5e-ab93-234f8a91d5e6" i]';

const PIN = /pin$/i;

/**
 * Put every function and alias on a page; names that the page has already stay its own.
 *
 * @param {Window} page
 * @param {object} settings see `readSettings`
 * @param {{waiting: object, blocking?: object}} agents how to ask; without `blocking` no call blocks
 */
export function install(page, settings, { waiting, blocking }) {
  const functions = new Functions(settings, page.navigator.userActivation);
  const pinFields = new PinFields(page.document);
  let lastError;

  const begin = (row, given) => {
    const values = given.slice(0, row.parameters.length);
    row.parameters.forEach((parameter, at) => {
      if (PIN.test(parameter)) pinFields.retire(values.splice(at, 1, undefined)[0]);
    });
    if (row.where === "refused") throw new SofError(row.error);
    return functions[row.name](...values);
  };
  const succeed = (value) => {
    lastError = undefined;
    return value;
  };
  const fail = (error) => (lastError = asSofError(error));
  const failureOf = (row) => {
    if (row.name === "SOF_Login" && settings.loginSuccess === 0) return LOGIN_FAILURE;
    return row.failure ?? FAILURES[row.result];
  };

  const callLater = async (row, given) => {
    try {
      return succeed(await wait(begin(row, given), waiting));
    } catch (error) {
      throw fail(error);
    }
  };
  const callNow = (row, given) => {
    try {
      return succeed(block(begin(row, given), blocking));
    } catch (error) {
      fail(error);
      return failureOf(row);
    }
  };
  const lastErrors = {
    SOF_GetLastError: () => lastError?.number ?? 0,
    SOF_GetLastErrMsg: () => lastError?.tell["zh-Hans"] ?? "",
  };

  const call = (row, values) => {
    const at = values.findIndex((value) => typeof value === "function");
    const given = at === -1 ? values : values.slice(0, at);
    const read = lastErrors[row.name];
    if (at === -1 && blocking) return read ? read() : callNow(row, given);
    const outcome = read ? Promise.resolve(read()) : callLater(row, given);
    if (at === -1) return outcome;
    const [callback, ctx] = values.slice(at);
    // In a task of its own: what the page throws in there is the page's own error.
    const answer = (more) => page.setTimeout(() => callback({ ...more, ctx }), 0);
    outcome.then(
      (retVal) => answer({ retVal }),
      ({ code, tell }) => answer({ retVal: failureOf(row), code, message: tell["zh-Hans"] }),
    );
    return undefined;
  };

  const named = {};
  for (const row of TABLE.functions) {
    for (const name of [row.name, ...row.aliases]) named[name] = (...values) => call(row, values);
  }
  for (const name of settings.objects) page[name] = { ...named };
  for (const [name, act] of Object.entries(named)) if (!(name in page)) page[name] = act;
  const finish = () => {
    if (settings.pinField) pinFields.retireNamed(settings.pinField);
    if (!blocking) return;
    for (const control of page.document.querySelectorAll(CONTROL)) Object.assign(control, named);
  };
  if (page.document.readyState !== "loading") finish();
  else page.document.addEventListener("DOMContentLoaded", finish, { once: true });
}

const FAILURES = { string: "", boolean: false, number: -1 };

/** Where 0 means success, other numbers are tries left and -1 is a locked PIN; this is neither. */
const LOGIN_FAILURE = -2;

const CHOICES = {
  charset: ["utf-8", "gbk"],
  certInfo: ["gm", "bjca"],
  loginSuccess: ["true", "0"],
};
const PORTS = [17290, 17291, 17292, 17293, 17294, 17295, 17296, 17297];
const TLS_PORTS = [17300, 17301, 17302, 17303, 17304, 17305, 17306, 17307];

/**
 * Return what the page's author set on the `<script>` element, in its `data-` attributes.
 *
 * @throws {Error} an attribute says something else than it can
 */
export function readSettings(dataset) {
  const chosen = Object.entries(CHOICES).map(([name, [usual, ...others]]) => {
    const value = dataset[name] ?? usual;
    if (value !== usual && !others.includes(value)) refuseSetting(name, value);
    return [name, value];
  });
  const settings = Object.fromEntries(chosen);
  const synchronous = dataset.synchronous !== undefined;
  return {
    ...settings,
    loginSuccess: settings.loginSuccess === "0" ? 0 : true,
    synchronous,
    pinField: dataset.pinField,
    objects: dataset.objects?.split(" ").filter(Boolean) ?? (synchronous ? ["XTXAPP"] : []),
    ports: readPorts("ports", dataset.ports) ?? PORTS,
    tlsPorts: readPorts("tlsPorts", dataset.tlsPorts) ?? TLS_PORTS,
  };
}

function readPorts(name, text) {
  const ports = text?.split(",").map(Number);
  if (ports?.some((port) => !Number.isInteger(port) || port < 1 || port > 65535)) {
    refuseSetting(name, text);
  }
  return ports;
}

function refuseSetting(name, value) {
  throw new Error(`sof.js: ${name} cannot be ${value}`);
}
