import type { JsonObject, JsonValue } from '#lib/json.ts';
import type { SyslogMessage } from '../syslog/message.ts';
import { firstJsonObject } from './json-object.ts';

/** A tag at the very beginning, for lines that have no header but this (JumpServer's). */
const TAG = /^([A-Za-z][A-Za-z0-9_./-]{0,47})(?:\[\d{1,10}\])?: ?/;
/** Stands for a property that was looked for and is not in the line. */
export const NOT_THERE = Symbol('not there');

const NO_GROUPS: ReadonlyMap<string, string> = new Map();

/** One line as types see it: taken apart at most once, however many types and expressions ask. */
export class LineView {
  readonly line: SyslogMessage;
  readonly app: string;
  /** In lower case. */
  readonly appKey: string;
  /** What a line says behind its header; inside a wrapper, what is wrapped. */
  text: string;
  /** Named groups of the pattern of the event that is being tried. */
  groups: ReadonlyMap<string, string> = NO_GROUPS;
  /** What was read already of the properties of the type that takes the line, by their slots. */
  values: (JsonValue | typeof NOT_THERE | undefined)[] = [];
  #json: JsonObject | null | undefined;

  constructor(line: SyslogMessage) {
    this.line = line;
    const { app, text } = splitTag(line);
    this.app = app;
    this.appKey = app.toLowerCase();
    this.text = text;
  }

  /** The first complete JSON object in the text; null when there is none. */
  get json(): JsonObject | null {
    this.#json ??= this.#json === undefined ? (firstJsonObject(this.text) ?? null) : null;
    return this.#json;
  }

  /** The same line with the text that a wrapper held. */
  unwrapped(text: string): LineView {
    const inner = new LineView(this.line);
    inner.text = text;
    return inner;
  }
}

/** App name and text of a line; a tag that nobody took off the text yet is taken off here. */
function splitTag(line: SyslogMessage): { readonly app: string; readonly text: string } {
  if (line.appName !== null) return { app: line.appName, text: line.body };
  const [tag = '', app = ''] = TAG.exec(line.body) ?? [];
  return { app, text: line.body.slice(tag.length) };
}
