import * as fc from 'fast-check';

const ESCAPE = '\u001B';
const behindEscape = (sequences: string): readonly string[] =>
  sequences.split(' ').map((sequence) => ESCAPE + sequence);

const TEXT = ['a', 'b', 'c', 'x', ' ', '-', '.', '_', '1', '(', ')', 'ab cd', 'foo.bar  baz', '[200~'];
const PASTES = ['pa ste', 'a\tb', '\u0001\u0017', `${ESCAPE}[D`, `${ESCAPE}[20`].map(
  (text) => `${ESCAPE}[200~${text}${ESCAPE}[201~`,
);
/** Literal keys, and keys that send more than one character. */
const SHARED = [
  ...'\u007F \b \u0014 \u0015 \u0017 \u0016\u0001 \u0016\u001B \u0016\u0016'.split(' '),
  ...behindEscape('[D [C [H [F [3~ OD OC OH OF [1;5D [1;5C [1;3D [1;3C [3;5~'),
];

const EMACS = [
  ...'\u0000 \u0001 \u0002 \u0005 \u0006 \u000B \u000C xy\u0002\u0004'.split(' '),
  ...behindEscape('b f d u l c t \\ \u007F \b B D U \u000C'),
  `${ESCAPE} `,
];
/** What brings back what was killed, with something to bring back. */
const YANKS = ['a\u0017\u0019', 'b c\u0017\u0017\u0019', 'a\u0015\u0019\u0019', 'ab\u0002\u000B\u0015\u0019'];

const MOTIONS = 'h l 0 ^ $ w b e W B E fa Fa ta Tb t. Fc | % 3l 2w 2b 2e 2fa 3Ta 4| 2h 12h'.split(' ');
const OPERATORS = ['d', 'c', 'y', '2d'].flatMap((operator) =>
  [...MOTIONS, ' ', 'f '].map((motion) => operator + motion),
);
const CHANGES = [
  ...'x X 3x 2X D dd Y yy ~ 2~ 5~ ra r. 3rb p P 2p xp xP 3xp ywP u U xu dwu raxu ~~2u ma'.split(' '),
  ...'fa; fa, tb;; Fc,; d3h dj dx'.split(' '),
  ...['d', 'r', 'f'].map((key) => key + ESCAPE),
  ...'\b \u0007 \u000B \u000C \u0014 \u0015 \u0017 \u0016q'.split(' '),
  ...'\u007F g o q z ! " ( ) : < > [ ] { } H J K L M Q V Z 3g'.split(' '),
  ...behindEscape('[D [C [H [F [3~ [1;5D [1;5C [3;5~'),
];
const TO_INSERT = 'i a I A C s S cc cw 2cw cb c$ ce ct. cfx 3s'.split(' ');
const REPLACEMENTS = ['Rab', 'R', 'Rfoo.bar  baz'];
/** Control characters that are text in insert mode, though keys in emacs mode. */
const VI_TEXT = ['\u0001', '\u0005', '\u0006', '\u000B', '\u000C', '\u0007', '\u0018'];

const joined = (parts: fc.Arbitrary<string>, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.array(parts, { minLength, maxLength }).map((all) => all.join(''));

const text = fc.constantFrom(...TEXT);
const foreign = fc.constantFrom('é', '资', '🙂');

export const emacsKeys = joined(
  fc.oneof(
    { weight: 12, arbitrary: text },
    { weight: 1, arbitrary: foreign },
    { weight: 6, arbitrary: fc.constantFrom(...SHARED) },
    { weight: 8, arbitrary: fc.constantFrom(...EMACS) },
    { weight: 1, arbitrary: fc.constantFrom(...PASTES) },
    { weight: 2, arbitrary: fc.constantFrom(...YANKS) },
  ),
  1,
  30,
);

const inserted = joined(
  fc.oneof(
    { weight: 12, arbitrary: text },
    { weight: 5, arbitrary: fc.constantFrom(...SHARED) },
    { weight: 1, arbitrary: fc.constantFrom(...VI_TEXT) },
    { weight: 1, arbitrary: fc.constantFrom(...PASTES) },
  ),
  1,
  6,
);
const commands = joined(fc.constantFrom(...MOTIONS, ...OPERATORS, ...CHANGES), 1, 6);
const toInsertMode = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...TO_INSERT) },
  { weight: 1, arbitrary: fc.constantFrom(...REPLACEMENTS.map((keys) => `${keys}${ESCAPE}a`)) },
);
/** Insert mode, and back to it from command mode, several times. */
const rounds = fc
  .array(fc.tuple(commands, toInsertMode, inserted), { minLength: 1, maxLength: 4 })
  .map((all) => all.map((round) => ESCAPE + round.join('')).join(''));

export const viKeys = fc
  .tuple(
    fc.oneof({ weight: 6, arbitrary: inserted }, { weight: 1, arbitrary: foreign }),
    rounds,
    fc.oneof(
      fc.constant(''),
      commands.map((keys) => ESCAPE + keys),
    ),
  )
  .map((parts) => parts.join(''));
