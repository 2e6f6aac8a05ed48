/**
 * The form: what is typed goes to the server as one document, and comes back judged. The rules
 * stand on the server alone; this page only shows what it says.
 *
 * @module portal-form
 */

import { Refused, post, say, texts } from "/static/portal-requests.js";

/** How long after the last key the draft is sent. */
const PAUSE_MS = 300;

/** How soon a draft that could not be saved is sent again. */
const RETRY_MS = 5_000;

const NOT_SIGNED_IN = 401;
const UNSETTLED = 422;
const DECLARED = "是";

const form = document.getElementById("form");
const errors = document.getElementById("errors");
const saved = document.getElementById("saved");

let timer;
let newest = 0;
let hasTried = false; // what is still empty is no mistake until the person wants to go on

form.addEventListener("input", () => save(PAUSE_MS));
form.addEventListener("change", (event) => {
  if (event.target.matches("[data-figure]")) group(event.target);
});
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add], [data-remove]");
  if (!button) return;
  if (button.dataset.add) addRow(button.dataset.add);
  else removeRow(button.closest("tr"));
  save(0);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  goOn();
});

/** Return what stands in the form, as it was typed. */
function collect() {
  const fields = {};
  for (const input of form.querySelectorAll("[data-field]")) {
    const isBox = input.type === "checkbox";
    fields[input.dataset.field] = isBox ? (input.checked ? DECLARED : "") : input.value;
  }
  const tables = {};
  for (const table of form.querySelectorAll("table[data-table]")) {
    if (table.dataset.mode === "editable") tables[table.dataset.table] = typedRows(table);
    if (table.dataset.mode === "pick") tables[table.dataset.table] = pickedRows(table);
  }
  return { fields, tables };
}

function typedRows(table) {
  return rowsOf(table).map((row) =>
    Object.fromEntries(cellsOf(row).map((cell) => [cell.dataset.column, entryOf(cell).value])),
  );
}

function pickedRows(table) {
  const key = table.querySelector("[data-column]").dataset.column;
  return rowsOf(table)
    .filter((row) => row.querySelector("[data-pick]").checked)
    .map((row) => ({ [key]: row.dataset.key }));
}

const rowsOf = (table) => [...table.tBodies[0].rows];
const cellsOf = (row) => [...row.querySelectorAll("[data-column]")];
const entryOf = (cell) => cell.querySelector("input, select");

function save(delay) {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const number = ++newest;
    try {
      const judged = await post("draft", collect());
      if (number === newest) show(judged);
    } catch (error) {
      if (error.status) saved.textContent = error.message;
      else {
        saved.textContent = texts.unsaved;
        save(RETRY_MS);
      }
    }
  }, delay);
}

async function goOn() {
  clearTimeout(timer);
  newest += 1;
  hasTried = true;
  try {
    const { next } = await post("offer", collect());
    location.assign(next);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.status === NOT_SIGNED_IN) {
      location.assign(`/?next=${encodeURIComponent(location.pathname)}`);
    } else if (error.status === UNSETTLED && error.body?.problems) {
      show(error.body);
      form.querySelector("[aria-invalid=true]")?.focus();
    } else {
      errors.hidden = false;
      errors.textContent = error.message;
    }
  }
}

/** Show what the server says of the draft. */
function show({ lines, problems, saved_at }) {
  for (const [key, line] of Object.entries(lines)) showLine(key, line);
  clearFaults();
  const shown = problems.filter((problem) => hasTried || !problem.absent);
  for (const problem of shown) showFault(problem);
  errors.hidden = !(hasTried && shown.length);
  errors.textContent = say("fix", { count: shown.length });
  saved.textContent = say("saved", { time: saved_at });
}

function showLine(key, { shown, waiting, hint, absent }) {
  const line = form.querySelector(`[data-line="${key}"]`);
  line.hidden = absent;
  document.getElementById(`hint-${key}`).textContent = hint;
  const output = line.querySelector("output");
  if (!output) return;
  output.textContent = shown;
  output.classList.toggle("waiting", waiting);
}

function clearFaults() {
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  for (const fault of form.querySelectorAll(".fault")) fault.hidden = true;
}

/** Put a sentence under what it is about: a line, a table, or one cell of a table. */
function showFault({ where, message }) {
  const [key, row, column] = where.split(".");
  const cell = row && cellOf(key, Number(row), column);
  const fault = cell ? cell.querySelector(".fault") : document.getElementById(`fault-${key}`);
  const entry = cell ? entryOf(cell) : document.getElementById(`field-${key}`);
  fault.lastElementChild.textContent = message;
  fault.hidden = false;
  entry?.setAttribute("aria-invalid", "true");
  const folded = fault.closest("details");
  if (folded) folded.open = true;
}

function cellOf(key, row, column) {
  const table = document.getElementById(`table-${key}`);
  return rowsOf(table)[row].querySelector(`[data-column="${column}"]`);
}

function addRow(key) {
  const spare = document.getElementById(`spare-${key}`);
  const body = document.getElementById(`table-${key}`).tBodies[0];
  body.append(spare.content.cloneNode(true));
  entryOf(body.rows[body.rows.length - 1]).focus();
}

function removeRow(row) {
  const table = row.closest("table");
  row.remove();
  if (!rowsOf(table).length) addRow(table.dataset.table);
  else entryOf(rowsOf(table).at(-1)).focus();
}

/** Write thousands separators into a plain figure. */
function group(input) {
  const plain = input.value.replaceAll(",", "").trim();
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return;
  const [whole, fraction] = plain.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  input.value = fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
