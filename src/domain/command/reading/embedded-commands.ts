/** What is written in an argument or an input that holds commands. */
export type Language =
  /** A command line. */
  | 'shell'
  /** A command line and all arguments behind it. */
  | 'rest'
  /** A command line behind `!`, else something harmless. */
  | 'bang'
  | 'exec='
  /** A program and arguments with commas between them. */
  | 'comma'
  /** A program, if there is a folder in it. */
  | 'path'
  | 'socat'
  /** The name of a script: not known what is in it, unless it is a plain word. */
  | 'script'
  /** Commands of a client: `!ls`, `\! ls`, `system ls`. */
  | 'escapes'
  /** Commands of an editor or debugger: the same, several joined by bars, and code. */
  | 'editor'
  /** A programming language. */
  | 'code'
  | 'sed'
  | 'makefile'
  | 'crontab';

/** What is found in such a text. */
export interface Embedded {
  readonly sources: readonly string[];
  /** It starts programs that are not in plain sight. */
  readonly unknown: boolean;
}

const NOTHING: Embedded = { sources: [], unknown: false };

/** Longer texts are not looked through to their end. */
const MAX_TEXT_LENGTH = 16_384;
/** Command lines that are taken out of one text. */
const MAX_SOURCES = 64;

/** The command lines in a text. */
export function embeddedCommands(language: Language, text: string): Embedded {
  const { sources, unknown } = commandsIn(language, text.slice(0, MAX_TEXT_LENGTH));
  const isCut = text.length > MAX_TEXT_LENGTH || sources.length > MAX_SOURCES;
  return { sources: sources.slice(0, MAX_SOURCES), unknown: unknown || isCut };
}

function commandsIn(language: Language, text: string): Embedded {
  switch (language) {
    case 'shell':
    case 'rest':
      return found([text]);
    case 'bang':
      return text.startsWith('!') ? found([text.slice(1)]) : NOTHING;
    case 'exec=':
      return text.startsWith('exec=') ? found([text.slice(5)]) : NOTHING;
    case 'comma':
      return found([text.replaceAll(',', ' ')]);
    case 'path':
      return text.includes('/') ? found([text]) : NOTHING;
    case 'socat':
      return found([text.slice(text.indexOf(':') + 1).replace(/,.*$/s, '')]);
    case 'script':
      return /^[\w,*-]+$/.test(text) ? NOTHING : { sources: [], unknown: true };
    case 'escapes':
      return found(inEscapes(text, [BANG, NAMED]));
    case 'editor': {
      const code = inCode(text);
      return {
        sources: [...inEscapes(text, [EDITOR_BANG, EDITOR_NAMED]), ...code.sources],
        unknown: code.unknown,
      };
    }
    case 'code':
      return inCode(text);
    case 'sed':
      return inSed(text);
    case 'makefile':
      return found(inMakefile(text));
    case 'crontab':
      return found(inCrontab(text));
    default:
      return language satisfies never;
  }
}

function found(sources: readonly string[]): Embedded {
  return { sources, unknown: false };
}

/** Words with which code starts other programs, in any language. */
const STARTS_PROGRAMS =
  /\b(system|popen\d?|exec[lvpe]*|execFile\w*|execute|spawn\w*|subprocess|pty|fork|qx|shell_exec|passthru|proc_open|child_process|ffi|syscall|getoutput|check_output|check_call|send|os\.run|shell-command|(?:call|start)-process\w*)\b|`|\|&?\s*getline|\|\s*"/i;

/** A string literal that stands as first argument of such a call. */
const CALLED_WITH =
  /(?:\(|\[|\b(?:system|exec|execute|qx|spawn|send|shell-command)\b|\|)\s*\[?\s*(["'])(?<command>(?:(?!\1)[^\\\n]|\\.){1,512})\1/g;
/** A string literal that is piped from, as in awk. */
const PIPED_FROM = /(["'])(?<command>(?:(?!\1)[^\\\n]|\\.){1,512})\1\s*\|&?\s*getline/g;
/** The statement of Expect, and what stands between backquotes. */
const SPAWNED = /\bspawn\s+(?:-\w+\s+)*(?<command>[^\n;"']{1,512})/g;
const BACKQUOTED = /`(?<command>[^`\n]{1,512})`/g;
/** Quotation by other marks: `qx{su}`, `%x(su)`. */
const OTHER_MARKS = /(?:\bqx|%x)\s*[({[|/!](?<command>[^)}\]|/!\n]{1,512})/g;

/**
 * Code of another language is not parsed. When it mentions a way to start programs the line counts as dynamic,
 * and strings that are plainly the command started are read as one.
 */
function inCode(text: string): Embedded {
  if (!STARTS_PROGRAMS.test(text) && !text.includes('%x')) return NOTHING;
  const sources = [CALLED_WITH, PIPED_FROM, SPAWNED, BACKQUOTED, OTHER_MARKS].flatMap((pattern) =>
    Array.from(text.matchAll(pattern), (match) => match.groups?.['command'] ?? ''),
  );
  return { sources, unknown: true };
}

/** `!ls`, `\! ls`: everything behind the mark is for the shell. */
const BANG = /(?:^|[;\n])[ \t]{0,16}\\?!+(?<command>[^\n]*)/g;
/** `shell ls`, `system ls`, `.shell ls`. A shell alone reads on. */
const NAMED = /(?:^|[;\n])[ \t]{0,16}[.\\]?(?:shell|system|sh)\b(?!\s?[.=(,])(?<command>[^\n;]*)/gi;
/** `:silent !ls`, `:r !ls`, `:%!ls`, `:w !ls`. */
const EDITOR_BANG =
  /(?:^|[|\n])[ \t:]{0,16}(?:sil\w{0,8}!?\s)?[\d,%$.'<> ]{0,32}(?:r(?:ead)?|w(?:rite)?|te(?:rm\w{0,8})?)?[ ]{0,4}!+(?<command>[^\n]*)/gi;
/** `:shell`, `:terminal ls`, `:set shell=ls`, `platform shell ls`. */
const EDITOR_NAMED =
  /(?:^|[|\n])[ \t:]{0,16}(?:platform\s)?(?:(?:shell|sh|te(?:rm(?:inal)?)?)\b(?!\s?[=(])|set\s+sh(?:ell)?=)(?<command>[^\n|]*)/gi;

function inEscapes(text: string, patterns: readonly RegExp[]): readonly string[] {
  return patterns.flatMap((pattern) =>
    Array.from(text.matchAll(pattern), (match) => {
      const command = (match.groups?.['command'] ?? '').trim();
      return command === '' ? 'sh' : command;
    }),
  );
}

/** The command `e`, and the flag `e` of `s`, of GNU sed. */
const SED_ADDRESS = String.raw`(?:\d{1,9}|\$|/(?:[^/\\\n]|\\.){0,256}/)`;
const SED_EXECUTE = new RegExp(
  String.raw`(?:^|[;{}\n])[ \t]{0,8}(?:${SED_ADDRESS}(?:,${SED_ADDRESS})?)?[ \t!]{0,8}e(?:[ \t]+(?<command>[^\n]+))?[ \t]*(?=$|[\n;}])`,
  'g',
);
const SED_REPLACE =
  /s([^\w\s\\])(?:\\.|(?!\1)[^\\\n]){0,256}\1(?<command>(?:\\.|(?!\1)[^\\\n]){0,256})\1[gpiImM\d]{0,8}e[gpiImM\d]{0,8}\s?(?=$|[\n;}])/g;

function inSed(text: string): Embedded {
  const matches = [...text.matchAll(SED_EXECUTE), ...text.matchAll(SED_REPLACE)];
  const sources = matches.map((match) => match.groups?.['command'] ?? '').filter((source) => source !== '');
  return { sources, unknown: matches.length > 0 };
}

/** Recipes, and what `$(shell …)` runs. */
function inMakefile(text: string): readonly string[] {
  const recipes = text.matchAll(/^(?:\t|[^\t#:\n]{1,256}:[^=;\n]{0,256};)[@+ \t-]{0,8}(?<command>[^\n]+)/gm);
  const functions = text.matchAll(/\$[({]shell\s+(?<command>[^)}\n]*)|!=\s*(?<command2>[^\n]*)/g);
  return [...recipes, ...functions].map(
    (match) => match.groups?.['command'] ?? match.groups?.['command2'] ?? '',
  );
}

/** The command behind the five times, or behind `@reboot`. */
function inCrontab(text: string): readonly string[] {
  const lines = text.matchAll(
    /^[ \t]{0,16}(?:@\w+|(?:[\w*/,-]+[ \t]+){4}[\w*/,-]+)[ \t]+(?<command>[^\n%]+)/gm,
  );
  return Array.from(lines, (match) => match.groups?.['command'] ?? '');
}
