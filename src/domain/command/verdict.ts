import type { Defined, Definitions } from './definitions.ts';
import type { Span } from './reading/field.ts';

/** Who typed it, where: what a command rule selects by. */
export interface CommandScope {
  readonly username: string;
  readonly groups: readonly string[];
  /** What the person is in Portcullis: admin, responder, auditor, user. */
  readonly roles: readonly string[];
  readonly asset: string;
  readonly account: string;
}

/** A program as the shell would run it: name without path or quoting, and its arguments. */
export interface Program {
  readonly name: string;
  readonly args: readonly string[];
  /** Where it stands in the line, UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  /** The name is a file name pattern (`/bin/s?`): what it stands for is decided on the asset. */
  readonly nameIsPattern: boolean;
  /** Indexes of arguments whose text is only known at run time; they are given as written. */
  readonly uncertainArgs: readonly number[];
}

export interface CommandReading {
  readonly programs: readonly Program[];
  /** What runs is decided at run time: `$X`, `eval`, a decoder into a shell. */
  readonly dynamic: boolean;
  /** The parser reported an error: not understood. */
  readonly unparsable: boolean;
  /** The shell would ask for more lines (open quote, here-document, `if` without `fi`) before it runs this. */
  readonly incomplete: boolean;
  /** Too long or too deeply nested to be read to its end. Such a line is denied wherever lines are denied. */
  readonly unread: boolean;
  /**
   * A shell in it reads commands from its standard input (`bash`, `sudo -s`, `su`, `cat | sh`), or may: what
   * runs then is not in this line, and what the person sends must be read as commands too.
   */
  readonly commandsFromInput: boolean;
  /** What names mean after it: aliases, functions, variables. */
  readonly defines: Defined;
}

export interface CommandJudgement {
  readonly verdict: 'allow' | 'deny' | 'warn';
  readonly rule: string | null;
  /** The matched fragment, as shown in ``Command `…` is forbidden``. */
  readonly matched: string | null;
  /**
   * Where in the line the program or the text stands that decided, UTF-16 offsets; null when no single place
   * did: nothing matched, or a fact about the line as a whole.
   */
  readonly span: Span | null;
  readonly message: string | null;
  readonly reading: CommandReading;
}

/** Rules compiled once for a session; judging is pure and takes microseconds. */
export interface CommandJudge {
  /** `definitions`: what earlier lines of the session defined. */
  judge(line: string, definitions?: Definitions): CommandJudgement;
  /** A line typed into a program that is not a shell: only rules of kind `text` speak about it. */
  judgeInput(line: string): CommandJudgement;
}

export interface CompileOptions {
  /**
   * What happens to a program that no rule names. `deny` is the allow-list of strict grants: what cannot be
   * read, or is decided only at run time, is denied as well.
   */
  readonly unmatched: 'allow' | 'deny';
}
