import { expect, test } from 'vitest';
import { checkLayers } from './check-layers.ts';

const file = (path: string, text: string): { path: string; text: string } => ({ path, text });
const messages = (...files: { path: string; text: string }[]): readonly string[] =>
  checkLayers(files).map((violation) => violation.message);

test('a clean pair of files has no violation', () => {
  expect(
    messages(
      file('src/domain/a.ts', "import { b } from '#lib/b.ts';\nexport const a = b;\n"),
      file('src/lib/b.ts', 'export const b = 1;\n'),
    ),
  ).toEqual([]);
});

test.each([
  ['src/domain/a.ts', "import { x } from '#state/x.ts';", 'domain may not import state'],
  ['src/gateway/ssh/a.ts', "import { x } from '#responder/x.ts';", 'gateway may not import responder'],
  ['src/responder/a.ts', "import type { X } from '#gateway/x.ts';", 'responder may not import gateway'],
  ['src/api/a.ts', "export { x } from '#detector/x.ts';", 'api may not import detector'],
  ['src/lib/a.ts', "const x = await import('#contract/x.ts');", 'lib may not import contract'],
  ['src/domain/a.ts', "import { readFileSync } from 'node:fs';", 'domain is pure'],
  ['src/state/a.ts', "import { x } from '../stream/x.ts';", 'state may not import stream'],
  ['src/state/a.ts', "import { x } from '../../test/x.ts';", 'src may not import test/x.ts'],
  ['src/state/a.ts', "import { x } from '#state/x.ts';", 'inside a room imports are relative'],
  ['src/cellar/a.ts', 'export const a = 1;', 'room "cellar" is not in tools/layers.ts'],
  ['src/state/utils/a.ts', 'export const a = 1;', 'a folder called "utils" says nothing'],
  ['src/a/b/c/d/e.ts', 'export const a = 1;', '5 folders deep'],
  ['src/state/a.ts', 'export default 1;', 'exports are named'],
  ['src/state/a.ts', 'x\n'.repeat(502), '500 is the ceiling'],
])('a planted violation in %s is found: %s', (path, text, expected) => {
  expect(messages(file(path, text)).join('\n')).toContain(expected);
});

test('an import cycle is found and shown', () => {
  const found = messages(
    file('src/lib/a.ts', "import { b } from './b.ts';\nexport const a = b;\n"),
    file('src/lib/b.ts', "import type { c } from './c.ts';\nexport const b = 1;\n"),
    file('src/lib/c.ts', "import { a } from './a.ts';\nexport const c = a;\n"),
  );
  expect(found).toEqual(['import cycle: src/lib/a.ts → src/lib/b.ts → src/lib/c.ts → src/lib/a.ts']);
});
