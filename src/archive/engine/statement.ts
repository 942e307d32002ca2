/** `INSERT INTO table (columns) FORMAT name`, its rows following as the request's body. */
export interface InsertStatement {
  readonly table: string;
  readonly columns: readonly string[] | undefined;
  readonly format: string;
}

const INSERT = /^\s*INSERT\s+INTO\s+([\w.]+)\s*(?:\(([\w\s,]*)\))?\s*FORMAT\s+(\w+)\s*;?\s*$/i;

/** Reads the only form of INSERT whose rows come apart from the statement; undefined when it is another one. */
export function parseInsert(sql: string): InsertStatement | undefined {
  const match = INSERT.exec(sql);
  const [, table, columnList, format] = match ?? [];
  if (table === undefined || format === undefined) return undefined;
  const columns = columnList?.split(',').map((column) => column.trim());
  return { table, columns, format };
}

/** True when the statement only reads, so that it may run beside others. */
export function onlyReads(sql: string): boolean {
  return /^\s*(SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS)\b/i.test(sql);
}

/**
 * A string literal of the engine's SQL: the quote and the backslash are all that can end or alter it, and a NUL
 * is what the way into the engine may not carry.
 */
function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')}'`;
}

/**
 * The `SET` that gives a statement its settings and its parameters (`param_x`), as they came in the URL. The
 * engine binds the parameters itself, by the types in the statement.
 */
export function assignmentStatement(assignments: ReadonlyMap<string, string>): string {
  if (assignments.size === 0) return '';
  const list = [...assignments].map(([name, value]) => `${name} = ${literal(value)}`);
  return `SET ${list.join(', ')}; `;
}

/** Names of settings and parameters are identifiers; nothing else may stand there. */
export function isAssignable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name);
}
