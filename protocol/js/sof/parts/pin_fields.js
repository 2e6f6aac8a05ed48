/**
 * The page's own PIN fields, which have no use any more.
 *
 * What a page hands over as a PIN is compared with its fields, and then forgotten.
 */

/** Shown beside each field. */
export const SENTENCE = "PIN 码在签章助手的窗口里输入，这里不用填。";

/** What stands in the field: old pages refuse to go on with an empty or a short one. */
const FILLER = "signet";

/** Switches fields off; a disabled field is not sent with its form either. */
export class PinFields {
  #document;

  /** @param {Document} document the page's own */
  constructor(document) {
    this.#document = document;
  }

  /** Switch off every field that holds this PIN. */
  retire(pin) {
    if (typeof pin !== "string" || pin === "" || pin === FILLER) return;
    for (const field of this.#document.querySelectorAll('input[type="password"]')) {
      if (field.value === pin) this.#retire(field);
    }
  }

  /** Switch off the fields that the page's author names. */
  retireNamed(selector) {
    for (const field of this.#document.querySelectorAll(selector)) this.#retire(field);
  }

  #retire(field) {
    field.value = FILLER;
    field.disabled = true;
    field.title = SENTENCE;
    const note = this.#document.createElement("small");
    note.className = "signet-pin";
    note.setAttribute("role", "note");
    note.textContent = SENTENCE;
    field.after(note);
  }
}
