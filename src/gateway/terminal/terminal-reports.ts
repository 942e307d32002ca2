/**
 * What a terminal sends by itself when it is asked where the cursor is, what it is, what colours it has, or
 * tells that its window got the focus (ECMA-48 CPR and DA, xterm's OSC and DCS answers, mode 1004). Shells ask at
 * prompts, so such bytes stand between keys without being keys.
 *
 * A person can send them unasked, and an editor that does not know them puts their text on the line. So an answer
 * counts only where its form leaves no room for words: of any other the keys are not sure.
 */
const REPORTS =
  // oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
  /\u001B(?:\[\??\d{1,5}(?:;\d{1,5}){1,2}R|\[[?>=]?[\d;]{0,64}c|\[\?[\d;]{1,32}(?:\$y|u)|\[[IO]|(?:\](?:\d{1,3};){1,2}rgba?:[\da-fA-F/]{1,40}|P[01](?:\+r[\da-fA-F=;]{0,512}|\$r[\d;:]{0,64}[ "$'*]?[a-z]?))(?:\u0007|\u001B\\))/g;

/** The beginning of what may become a report with the next bytes. */
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const BEGINNING = /\u001B(?:\[[?>=]?[\d;$]{0,64}|[\]P][^\u0007\u001B]{0,512}(?:\u001B)?)?$/;

/** Takes reports of the terminal out of the bytes of a person, wherever the network has cut them. */
export class TerminalReports {
  #held = '';

  /** The keys in the bytes. What may be the beginning of a report is kept for the next call. */
  keysOf(bytes: Buffer): Buffer {
    const text = this.#held + bytes.toString('latin1');
    this.#held = '';
    if (!text.includes('\u001B')) return bytes;
    const keys = text.replaceAll(REPORTS, '');
    this.#held = BEGINNING.exec(keys)?.[0] ?? '';
    return Buffer.from(keys.slice(0, keys.length - this.#held.length), 'latin1');
  }

  /** What was kept, which was no report after all: a line end follows it. */
  rest(): Buffer {
    const rest = Buffer.from(this.#held, 'latin1');
    this.#held = '';
    return rest;
  }
}
