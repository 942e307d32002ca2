import { PortcullisError, type Problem } from '#contract/errors.ts';
import type { CompiledType } from './compile-type.ts';
import { readTypeFile, type TypeFile } from './type-file.ts';

/** The types in force, asked in their order. */
export class LogSourceTypes {
  readonly all: readonly CompiledType[];
  readonly #byApp = new Map<string, readonly CompiledType[]>();
  readonly #others: readonly CompiledType[];

  constructor(types: readonly CompiledType[]) {
    this.all = types.toSorted(
      (left, right) =>
        left.definition.order - right.definition.order ||
        (left.definition.name < right.definition.name ? -1 : 1),
    );
    for (const app of new Set(types.flatMap(({ apps }) => [...(apps ?? [])])))
      this.#byApp.set(
        app,
        this.all.filter(({ apps }) => apps === undefined || apps.has(app)),
      );
    this.#others = this.all.filter(({ apps }) => apps === undefined);
  }

  /** Those that could take a line of the app (in lower case). */
  candidates(app: string): readonly CompiledType[] {
    return this.#byApp.get(app) ?? this.#others;
  }
}

/** Reads all files. Throws E_LOG_SOURCE_TYPE with every mistake in every file. */
export function buildLogSourceTypes(files: readonly TypeFile[]): LogSourceTypes {
  const { types, problems } = refreshLogSourceTypes(new LogSourceTypes([]), files);
  if (problems.length === 0) return types;
  const count = problems.length === 1 ? 'is a mistake' : `are ${problems.length} mistakes`;
  throw new PortcullisError('E_LOG_SOURCE_TYPE', `There ${count} in log source types.`, { problems });
}

/**
 * The types after files changed. A file with mistakes changes nothing: the type that was read from it before stays in
 * force. A type whose file is gone is gone.
 */
export function refreshLogSourceTypes(
  before: LogSourceTypes,
  files: readonly TypeFile[],
): { readonly types: LogSourceTypes; readonly problems: readonly Problem[] } {
  const types = new Map<string, CompiledType>();
  const problems: Problem[] = [];
  for (const file of files) {
    const read = readTypeFile(file);
    const old = before.all.find(({ path }) => path === file.path);
    if ('problems' in read) problems.push(...read.problems);
    const type = 'problems' in read ? old : read.type;
    if (type === undefined) continue;
    const { name } = type.definition;
    const other = types.get(name);
    if (other !== undefined)
      problems.push({ path: file.path, message: `there is already a type "${name}", in ${other.path}` });
    else types.set(name, type);
  }
  return { types: new LogSourceTypes([...types.values()]), problems };
}
