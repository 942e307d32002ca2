import { Argument, Command as Commander, Option } from 'commander';
import type { Command } from './command.ts';
import type { ServerOptions } from './server/address.ts';

/** A command with what was typed for it. */
export interface Invocation {
  readonly command: Command;
  readonly args: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly where: ServerOptions;
  readonly json: boolean;
  readonly verbose: boolean;
}

export interface ProgramTexts {
  readonly version: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly columns: number;
}

/** What the words before a subcommand stand for, for the help. */
export const GROUP_SUMMARIES: Readonly<Record<string, string>> = {
  action: 'Actions that offenses planned.',
  asset: 'Machines behind the gateway.',
  'command-rule': 'Which commands are forbidden.',
  config: 'The configuration.',
  errors: 'Every error and what to do about it.',
  event: 'What happened.',
  grant: 'Who may do what where.',
  group: 'Groups of users.',
  lock: 'Refusals in force.',
  'login-rule': 'Who may log in from where.',
  mail: 'The way to the mail server.',
  offense: 'Cases that detection opened.',
  rule: 'Detection rules.',
  session: 'Sessions, live and past, and their recordings.',
  token: 'Credentials for programs.',
  user: 'People and service users.',
  vault: 'The secrets of accounts.',
};

/** Builds the parser. `onInvoke` is called with the one command that was typed. */
export function buildProgram(
  commands: readonly Command[],
  texts: ProgramTexts,
  onInvoke: (invocation: Invocation) => Promise<void>,
): Commander {
  const program = new Commander('portcullis');
  program
    .description('A gate for privileged access that notices misuse and drops by itself.')
    .version(texts.version, '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Print what can be typed.')
    .configureHelp({ showGlobalOptions: false, sortSubcommands: true })
    .addOption(new Option('--verbose', 'Tell more when something goes wrong.').hideHelp());
  prepare(program, texts);
  const groups = new Map<string, Commander>();
  for (const command of commands) {
    const [first = '', second] = command.path;
    if (second === undefined) addLeaf(program, first, command, texts, onInvoke);
    else addLeaf(groupOf(program, groups, first, texts), second, command, texts, onInvoke);
  }
  return program;
}

function prepare(commander: Commander, texts: ProgramTexts): Commander {
  return commander
    .exitOverride()
    .showSuggestionAfterError(true)
    .helpCommand(false)
    .configureOutput({
      writeOut: texts.out,
      writeErr: texts.err,
      getOutHelpWidth: () => texts.columns,
      getErrHelpWidth: () => texts.columns,
      outputError: () => undefined,
    });
}

function groupOf(
  program: Commander,
  groups: Map<string, Commander>,
  name: string,
  texts: ProgramTexts,
): Commander {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const group = prepare(program.command(name).description(GROUP_SUMMARIES[name] ?? ''), texts);
  groups.set(name, group);
  return group;
}

function addLeaf(
  parent: Commander,
  name: string,
  command: Command,
  texts: ProgramTexts,
  onInvoke: (invocation: Invocation) => Promise<void>,
): void {
  const leaf = prepare(parent.command(name).description(command.summary), texts);
  for (const [key, { count, description }] of Object.entries(command.args))
    leaf.addArgument(new Argument(argumentText(key, count), description));
  for (const [key, spec] of Object.entries(command.options)) {
    const option = new Option(optionFlags(key, spec), spec.description);
    if (spec.default !== undefined) option.default(spec.default);
    if (spec.required === true) option.makeOptionMandatory();
    if (spec.kind === 'list')
      option.default([]).argParser((value: string, before: readonly string[]) => [...before, value]);
    leaf.addOption(option);
  }
  for (const option of commonOptions(command)) leaf.addOption(option);
  leaf.action(async (...received: unknown[]) => {
    const typed = leaf.opts<Record<string, unknown>>();
    const names = Object.keys(command.args);
    await onInvoke({
      command,
      args: Object.fromEntries(names.map((key, index) => [key, received[index]])),
      options: Object.fromEntries(
        Object.entries(command.options).map(([key, { kind }]) => [
          key,
          kind === 'flag' ? typed[key] === true : typed[key],
        ]),
      ),
      where: whereOf(typed),
      json: typed['json'] === true,
      verbose: leaf.optsWithGlobals<{ verbose?: boolean }>().verbose === true,
    });
  });
}

export function argumentText(name: string, count: 'one' | 'maybe' | 'many'): string {
  const word = kebab(name).toUpperCase();
  return count === 'one' ? `<${word}>` : count === 'maybe' ? `[${word}]` : `[${word}...]`;
}

export function optionFlags(
  name: string,
  spec: { readonly kind: string; readonly value?: string; readonly short?: string },
): string {
  const long = `--${kebab(name)}${spec.kind === 'flag' ? '' : ` <${spec.value ?? 'TEXT'}>`}`;
  return spec.short === undefined ? long : `-${spec.short}, ${long}`;
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What every command takes, or every command that needs a server. */
export function commonOptions(command: Pick<Command, 'connects'>): readonly Option[] {
  const always = [
    new Option('--config <FILE>', 'Configuration file; its dataDir has the socket of the server.'),
    new Option('--data <DIR>', 'Data folder of the server, instead of --config.'),
    new Option('--json', 'Print JSON: one object a line for lists.'),
  ];
  if (!command.connects) return always;
  return [
    ...always,
    new Option('--server <URL>', 'Server on another machine.'),
    new Option('--token-file <FILE>', 'File with the token for --server; also PORTCULLIS_TOKEN.'),
    new Option('--token <TOKEN>', 'The token itself; other users of this machine can see it while it runs.'),
    new Option('--ca <FILE>', 'Certificate authority of the server.'),
  ];
}

function whereOf(typed: Readonly<Record<string, unknown>>): ServerOptions {
  const text = (key: string): string | undefined => {
    const value = typed[key];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    config: text('config'),
    data: text('data'),
    server: text('server'),
    token: text('token'),
    tokenFile: text('tokenFile'),
    ca: text('ca'),
  };
}
