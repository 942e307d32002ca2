import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isLoopback } from '#config/addresses.ts';
import { loadConfig } from '#config/load-config.ts';
import { PortcullisError } from '#contract/errors.ts';
import { Secret } from '#lib/secret.ts';
import type { CliIo } from '../io.ts';

/** Where the server is, as far as the command line says. */
export interface ServerOptions {
  readonly config: string | undefined;
  readonly data: string | undefined;
  readonly server: string | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly ca: string | undefined;
}

/** How to reach the server: its socket on this machine, or its address with a token. */
export type ServerAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'url'; readonly url: URL; readonly token: Secret; readonly ca: Buffer | null };

/** `--server` (or PORTCULLIS_SERVER) goes over the network; otherwise the socket in the data folder is used. */
export function findServer(options: ServerOptions, io: Pick<CliIo, 'env' | 'cwd'>): ServerAddress {
  const named = options.server ?? nonEmpty(io.env['PORTCULLIS_SERVER']);
  if (named !== undefined && options.data === undefined) return overNetwork(named, options, io);
  const dataDir =
    options.data === undefined
      ? loadConfig({ file: options.config, env: io.env, cwd: io.cwd }).config.dataDir
      : resolve(io.cwd, options.data);
  return { kind: 'socket', path: join(dataDir, 'admin.sock') };
}

function overNetwork(text: string, options: ServerOptions, io: Pick<CliIo, 'env' | 'cwd'>): ServerAddress {
  if (!URL.canParse(text)) throw usage(`--server ${text} is no URL. Write https://gate.example.org.`);
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw usage(`--server ${text} must begin with https://.`);
  if (url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1')))
    throw usage(`--server ${text} would send the token in the open. Use https://.`);
  const token = findToken(options, io);
  if (token === undefined)
    throw usage('--server needs a token: --token-file FILE, or PORTCULLIS_TOKEN in the environment.');
  const caFile = options.ca ?? nonEmpty(io.env['PORTCULLIS_CA_FILE']);
  const ca = caFile === undefined ? null : readFile(resolve(io.cwd, caFile), '--ca');
  return { kind: 'url', url, token, ca };
}

function findToken(options: ServerOptions, io: Pick<CliIo, 'env' | 'cwd'>): Secret | undefined {
  if (options.token !== undefined) return new Secret(options.token);
  const file = options.tokenFile ?? nonEmpty(io.env['PORTCULLIS_TOKEN_FILE']);
  if (file !== undefined)
    return new Secret(readFile(resolve(io.cwd, file), '--token-file').toString('utf8').trim());
  const text = nonEmpty(io.env['PORTCULLIS_TOKEN']);
  return text === undefined ? undefined : new Secret(text);
}

function readFile(path: string, option: string): Buffer {
  if (!existsSync(path)) throw usage(`${option}: there is no file ${path}.`);
  return readFileSync(path);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function usage(message: string): PortcullisError {
  return new PortcullisError('E_USAGE', message);
}
