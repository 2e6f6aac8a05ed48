/**
 * The functions on a page: their names, and what the page's author set.
 */

import { Calls } from "./calls.js";
import { Functions } from "./functions.js";
import { PinFields } from "./pin_fields.js";
import { TABLE } from "./table.js";

/** BJCA's control, as old pages name it in `<object>`. */
const CONTROL = 'object[classid="clsid:3f367b74-92d9-4c5e-ab93-234f8a91d5e6" i]';

/**
 * Put every function and alias on a page; names that the page has already stay its own.
 *
 * @param {Window} page
 * @param {object} settings see `readSettings`
 * @param {{waiting: object, blocking?: object}} agents how to ask; without `blocking` no call blocks
 */
export function install(page, settings, agents) {
  const functions = new Functions(settings, page.navigator.userActivation);
  const pinFields = new PinFields(page.document);
  const calls = new Calls(functions, pinFields, agents);
  const named = {};
  for (const row of TABLE.functions) {
    for (const name of [row.name, ...row.aliases]) {
      named[name] = (...values) => calls.call(row, values);
    }
  }
  for (const name of settings.objects) page[name] = { ...named };
  for (const [name, act] of Object.entries(named)) if (!(name in page)) page[name] = act;
  const finish = () => {
    if (settings.pinField) pinFields.retireNamed(settings.pinField);
    if (!agents.blocking) return;
    for (const control of page.document.querySelectorAll(CONTROL)) Object.assign(control, named);
  };
  if (page.document.readyState !== "loading") finish();
  else page.document.addEventListener("DOMContentLoaded", finish, { once: true });
}

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
