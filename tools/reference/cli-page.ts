import { argumentText, commonOptions, GROUP_SUMMARIES, optionFlags } from '#cli/build-program.ts';
import type { Command } from '#cli/command.ts';
import { COMMANDS } from '#cli/commands/commands.ts';
import { serveCommand } from '#cli/commands/serve.ts';
import { code, markdownPage, markdownTable } from './markdown.ts';

export function cliPage(): string {
  const commands = [serveCommand(() => Promise.resolve(0)), ...COMMANDS];
  const groups = Map.groupBy(commands, ({ path }) => path[0] ?? '');
  const common = commonOptions({ connects: true });
  return markdownPage('Command line', [
    '`bin/portcullis` is a client of the running server: it talks to the socket in the data folder (`--config` or `--data` say where that is), or to another machine with `--server` and a token. Commands marked *offline* need no server. Results go to standard output, everything else to standard error; exit codes are those of the [errors](errors.md).',
    '## Options of every command',
    markdownTable(
      ['Option', 'What it does'],
      common.map((option) => [code(option.flags), option.description]),
    ),
    ...[...groups].flatMap(([group, members]) => [
      `## ${group}`,
      ...(GROUP_SUMMARIES[group] === undefined ? [] : [GROUP_SUMMARIES[group]]),
      ...members.flatMap(commandText),
    ]),
  ]);
}

function commandText(command: Command): readonly string[] {
  const args = Object.entries(command.args);
  const options = Object.entries(command.options);
  const usage = [
    'portcullis',
    ...command.path,
    ...args.map(([name, { count }]) => argumentText(name, count)),
    ...(options.length === 0 ? [] : ['[OPTIONS]']),
  ].join(' ');
  const rows = [
    ...args.map(([name, { count, description }]) => [code(argumentText(name, count)), description]),
    ...options.map(([name, spec]) => [
      code(optionFlags(name, spec)),
      `${spec.description}${spec.required === true ? ' Required.' : ''}${spec.default === undefined || spec.default === '' ? '' : ` Default ${code(spec.default)}.`}`,
    ]),
  ];
  return [
    `### ${code(usage)}`,
    `${command.summary}${command.connects ? '' : ' *Offline.*'}`,
    ...(rows.length === 0 ? [] : [markdownTable(['Argument or option', 'What it is'], rows)]),
  ];
}
