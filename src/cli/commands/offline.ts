import { loadConfig } from '#config/load-config.ts';
import { loadSecrets } from '#config/secrets.ts';
import { ERROR_CATALOGUE, type ErrorCode, PortcullisError } from '#contract/errors.ts';
import { closestWord } from '#contract/problems.ts';
import { defineCommand } from '../command.ts';

const configCheck = defineCommand({
  name: 'config check',
  summary: 'Check the configuration file and the environment, as serve would. Needs no server.',
  offline: true,
  async run({ where, io, output }) {
    const loaded = loadConfig({ file: where.config, dataDir: where.data, env: io.env, cwd: io.cwd });
    const warnings = [...loaded.warnings, ...loadSecrets(loaded.config, io.env).warnings];
    output.show({ file: loaded.file, valid: true, warnings }, [
      `${loaded.file ?? 'The defaults with the environment'}: ${output.good('valid')}`,
      ...warnings.map(({ path, message }) => `${output.caution('warning')}  ${path}: ${message}`),
    ]);
  },
});

const configShow = defineCommand({
  name: 'config show',
  summary: 'Print the configuration as the server understands it. It holds no secrets. Needs no server.',
  offline: true,
  async run({ where, io, output }) {
    const { config } = loadConfig({ file: where.config, dataDir: where.data, env: io.env, cwd: io.cwd });
    output.show(config, [JSON.stringify(config, null, 2)]);
  },
});

function isCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CATALOGUE, text);
}

const errorsExplain = defineCommand({
  name: 'errors explain',
  summary: 'Say what an error code means and what to do.',
  args: { code: { count: 'one', description: 'The code, e.g. E_CONFIG.' } },
  offline: true,
  async run({ args, output }) {
    const code = args.code.toUpperCase();
    if (!isCode(code)) {
      const near = closestWord(code, Object.keys(ERROR_CATALOGUE));
      throw new PortcullisError(
        'E_USAGE',
        `${args.code} is not a code of Portcullis${near === undefined ? '' : `; did you mean ${near}?`}`,
      );
    }
    const { help, status, exitCode, retryable } = ERROR_CATALOGUE[code];
    output.show({ code, help, status, exitCode, retryable }, [
      `${code}: ${help}`,
      `HTTP status ${status}, exit code ${exitCode}${retryable ? ', worth trying again' : ''}`,
    ]);
  },
});

const errorsList = defineCommand({
  name: 'errors list',
  summary: 'Every error code.',
  offline: true,
  async run({ output }) {
    const entries = Object.entries(ERROR_CATALOGUE).map(([code, entry]) => ({ code, ...entry }));
    output.list(
      entries,
      [
        { title: 'CODE', cell: (one) => one.code },
        { title: 'EXIT', cell: (one) => one.exitCode },
        { title: 'MEANING', cell: (one) => one.help },
      ],
      '',
    );
  },
});

export const offlineCommands = [configCheck, configShow, errorsExplain, errorsList];
