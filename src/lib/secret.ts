import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * A value that no printer shows: string conversion, JSON, `util.inspect` and template literals all give
 * `[redacted]`. The only way to the value is `expose()`.
 */
export class Secret<T extends string | Uint8Array = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  expose(): T {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.toPrimitive](): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
