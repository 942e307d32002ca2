/** What both engines store without loss. */
export type SqlValue = string | number | Uint8Array | null;

/**
 * Checks the values of a statement. Booleans become 0 and 1. Everything that an engine would silently store
 * as something else is refused: undefined and NaN become NULL in SQLite, a Date alone is taken for named
 * parameters, integers beyond 2^53 come back as something else.
 */
export function bindValues(values: readonly unknown[]): readonly SqlValue[] {
  return values.map(bindValue);
}

function bindValue(value: unknown): SqlValue {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`cannot store the number ${value}`);
      if (Number.isInteger(value) && !Number.isSafeInteger(value))
        throw new TypeError(`cannot store the integer ${value}: beyond 2^53`);
      return value;
    case 'bigint':
      return bindValue(Number(value));
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw new TypeError(`cannot store a value of type ${describe(value)}: give text or a number`);
  }
}

function describe(value: unknown): string {
  return value instanceof Object ? value.constructor.name : typeof value;
}
