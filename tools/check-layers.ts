import { readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { parseSync } from 'oxc-parser';
import { FORBIDDEN_FOLDERS, LAYERS, MAX_DEPTH, MAX_LINES, PURE_ROOMS } from './layers.ts';

export interface SourceFile {
  /** Path from the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  readonly message: string;
}

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

function importsOf(file: SourceFile): readonly Import[] {
  const parsed = parseSync(file.path, file.text);
  const found: Import[] = [];
  for (const one of parsed.module.staticImports) {
    const typeOnly = one.entries.length > 0 && one.entries.every((entry) => entry.isType);
    found.push({ specifier: one.moduleRequest.value, typeOnly });
  }
  for (const one of parsed.module.staticExports) {
    for (const entry of one.entries) {
      if (entry.moduleRequest !== null)
        found.push({ specifier: entry.moduleRequest.value, typeOnly: entry.isType });
    }
  }
  for (const one of parsed.module.dynamicImports) {
    const text = file.text.slice(one.moduleRequest.start, one.moduleRequest.end);
    const literal = /^['"](.*)['"]$/.exec(text);
    if (literal?.[1] !== undefined) found.push({ specifier: literal[1], typeOnly: false });
  }
  return found;
}

/** Path below the root that a specifier of ours points to, or undefined for packages and Node itself. */
function resolveOwn(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`;
  if (specifier.startsWith('.'))
    return normalize(join(dirname(from), specifier))
      .split(sep)
      .join('/');
  return undefined;
}

function roomOf(path: string): string | undefined {
  const [top, room] = path.split('/');
  return top === 'src' ? room : undefined;
}

const isTest = (path: string): boolean => path.endsWith('.test.ts');

function importViolations(file: SourceFile): readonly Violation[] {
  const room = roomOf(file.path);
  if (room === undefined) return [];
  const allowed = LAYERS[room];
  if (allowed === undefined)
    return [{ path: file.path, message: `room "${room}" is not in tools/layers.ts` }];
  const violations: Violation[] = [];
  for (const { specifier } of importsOf(file)) {
    const target = resolveOwn(file.path, specifier);
    if (target === undefined) {
      // A unit test may use the tools of testing; the room itself must stay pure.
      if (PURE_ROOMS.has(room) && specifier.startsWith('node:') && !isTest(file.path)) {
        violations.push({ path: file.path, message: `${room} is pure and may not import ${specifier}` });
      }
      continue;
    }
    const targetRoom = roomOf(target);
    if (isTest(file.path)) continue;
    if (targetRoom === undefined) {
      violations.push({ path: file.path, message: `src may not import ${target}` });
    } else if (targetRoom !== room && !allowed.includes(targetRoom)) {
      violations.push({ path: file.path, message: `${room} may not import ${targetRoom} (${specifier})` });
    } else if (targetRoom === room && specifier.startsWith('#')) {
      violations.push({ path: file.path, message: `inside a room imports are relative (${specifier})` });
    }
  }
  return violations;
}

function shapeViolations(file: SourceFile): readonly Violation[] {
  const violations: Violation[] = [];
  const folders = file.path.split('/').slice(0, -1);
  const lines = file.text.split('\n').length;
  if (lines > MAX_LINES + 1)
    violations.push({ path: file.path, message: `${lines} lines; ${MAX_LINES} is the ceiling` });
  if (folders.length > MAX_DEPTH)
    violations.push({
      path: file.path,
      message: `${folders.length} folders deep; ${MAX_DEPTH} is the limit`,
    });
  for (const folder of folders) {
    if (FORBIDDEN_FOLDERS.has(folder))
      violations.push({ path: file.path, message: `a folder called "${folder}" says nothing` });
  }
  if (new Set(folders).size !== folders.length)
    violations.push({ path: file.path, message: 'a word stands twice in the path' });
  if (/^export default\b/m.test(file.text) && !file.path.endsWith('.config.ts')) {
    violations.push({ path: file.path, message: 'exports are named' });
  }
  return violations;
}

/** Cycles of value and type imports alike: types that need each other belong in one file. */
function cycleViolations(files: readonly SourceFile[]): readonly Violation[] {
  const known = new Set(files.map((file) => file.path));
  const edges = new Map<string, readonly string[]>();
  for (const file of files) {
    const targets = importsOf(file).map(({ specifier }) => resolveOwn(file.path, specifier));
    edges.set(
      file.path,
      targets.filter((target): target is string => target !== undefined && known.has(target)),
    );
  }
  const state = new Map<string, 'open' | 'done'>();
  const violations: Violation[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(path)), path];
      violations.push({ path, message: `import cycle: ${cycle.join(' → ')}` });
      return;
    }
    state.set(path, 'open');
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, 'done');
  };
  for (const file of files) visit(file.path, []);
  return violations;
}

/** Everything that is wrong with the house, as files given. Pure: the caller reads the files. */
export function checkLayers(files: readonly SourceFile[]): readonly Violation[] {
  return [
    ...files.flatMap((file) => [...importViolations(file), ...shapeViolations(file)]),
    ...cycleViolations(files),
  ];
}

export function readSources(root: string, paths: readonly string[]): readonly SourceFile[] {
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}
