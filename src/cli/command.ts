import type { CliIo } from './io.ts';
import type { Output } from './output/output.ts';
import type { ServerOptions } from './server/address.ts';
import type { ApiClient } from './server/api-client.ts';

/** A word of the command line after the command's name. */
export interface ArgumentSpec {
  readonly description: string;
  /** one: must be there. maybe: may be left out. many: any number. */
  readonly count: 'one' | 'maybe' | 'many';
}

export interface OptionSpec {
  readonly description: string;
  /** text takes a value, list takes one and may be repeated, flag takes none. */
  readonly kind: 'text' | 'list' | 'flag';
  /** How the value is called in the help, e.g. `NAME`. */
  readonly value?: string;
  readonly required?: true;
  readonly default?: string;
  /** One letter, e.g. `f`. */
  readonly short?: string;
}

type Specs<S> = Readonly<Record<string, S>>;

type ArgumentValue<A extends ArgumentSpec> = A['count'] extends 'one'
  ? string
  : A['count'] extends 'maybe'
    ? string | undefined
    : readonly string[];

type OptionValue<O extends OptionSpec> = O['kind'] extends 'flag'
  ? boolean
  : O['kind'] extends 'list'
    ? readonly string[]
    : O extends { readonly required: true } | { readonly default: string }
      ? string
      : string | undefined;

export interface CommandContext<A extends Specs<ArgumentSpec>, O extends Specs<OptionSpec>> {
  readonly args: { readonly [K in keyof A]: ArgumentValue<A[K]> };
  readonly options: { readonly [K in keyof O]: OptionValue<O[K]> };
  readonly where: ServerOptions;
  readonly io: CliIo;
  readonly output: Output;
  /** The running server. */
  readonly api: ApiClient;
}

/** A command as data: the parser, the help and the reference page are made from it. */
export interface Command {
  /** Words that name it, e.g. `['user', 'list']`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly args: Specs<ArgumentSpec>;
  readonly options: Specs<OptionSpec>;
  /** False when it works without a server, and so takes no server options. */
  readonly connects: boolean;
  /** Returns the exit code; nothing is 0. */
  readonly run: (context: CommandContext<Specs<ArgumentSpec>, Specs<OptionSpec>>) => Promise<number | void>;
}

export function defineCommand<
  const A extends Specs<ArgumentSpec> = Record<string, never>,
  const O extends Specs<OptionSpec> = Record<string, never>,
>(definition: {
  readonly name: string;
  readonly summary: string;
  readonly args?: A;
  readonly options?: O;
  readonly offline?: true;
  readonly run: (context: CommandContext<A, O>) => Promise<number | void>;
}): Command {
  return {
    path: definition.name.split(' '),
    summary: definition.summary,
    args: definition.args ?? {},
    options: definition.options ?? {},
    connects: definition.offline !== true,
    // The parser fills in exactly what the specs declare.
    run: definition.run as unknown as Command['run'],
  };
}
