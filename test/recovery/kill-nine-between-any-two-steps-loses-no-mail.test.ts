import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createLogger } from '#lib/log.ts';
import { startStorage } from '#main/storage/start.ts';
import { hashSecret } from '#identity/tokens.ts';
import { tempFolder } from '../testbed/temp-folder.ts';
import { startMailbox, type Mailbox } from '../testbed/mailbox.ts';

const LINK = /\/recover\/([\w-]{43})/;

interface Place {
  readonly dataDir: string;
  readonly mailbox: Mailbox;
}

/** Runs the victim; gives how many transactions it made, or `killed`. */
async function victim({ dataDir, mailbox }: Place, task: string, when = 'never'): Promise<number | 'killed'> {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'recovery-victim.ts'),
      dataDir,
      String(mailbox.port),
      task,
      ...when.split(' '),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (signal === 'SIGKILL') return 'killed';
  expect(code, output).toBe(0);
  return Number(output);
}

interface Stored {
  readonly state: string | undefined;
  readonly password: string | null | undefined;
  /** Hashes of links that would open the page now. */
  readonly links: readonly string[];
}

/** What the crash left behind. At no time is there a link while the old password lives, or a second link. */
async function look({ dataDir }: Place): Promise<Stored> {
  await using storage = await startStorage({ dataDir, logger: createLogger('silent'), onFailure: () => {} });
  const db = storage.state.reader;
  const user = await db.selectFrom('users').selectAll().executeTakeFirst();
  const recovery = await db.selectFrom('recoveries').selectAll().executeTakeFirst();
  const rows = await db.selectFrom('recovery_links').selectAll().execute();
  const links = rows.filter((row) => row.usedAt === null && row.revokedAt === null).map((row) => row.hash);
  expect(links.length).toBeLessThanOrEqual(1);
  expect(links.length === 0 || user?.passwordHash === null).toBe(true);
  return { state: recovery?.state, password: user?.passwordHash, links };
}

const BACK: Stored = { state: 'completed', password: 'hash of a long new pass phrase', links: [] };

const linkIn = (text: string | undefined): string => LINK.exec(text ?? '')?.[1] ?? '';

async function place(): Promise<Place & AsyncDisposable> {
  const folder = await tempFolder();
  const mailbox = await startMailbox();
  return {
    dataDir: folder.path,
    mailbox,
    async [Symbol.asyncDispose]() {
      await mailbox[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/**
 * What a recovery stores, one transaction each: kill, cut, make a link, note that it was mailed; and on the way back:
 * the key of the page, then all of it at once. Here: when it dies, and what is there then: state, password, how many links.
 */
const ON_THE_WAY_TO_THE_MAIL = [
  ['before 1', undefined, 'old hash', 0],
  ['after 1', 'started', null, 0],
  ['before 2', 'started', null, 0],
  ['after 2', 'started', null, 0],
  ['after 3', 'started', null, 1],
  ['before 4', 'started', null, 1],
  ['after 4', 'link_mailed', null, 1],
] as const;

describe.concurrent('killed', { timeout: 60_000 }, () => {
  test.for(ON_THE_WAY_TO_THE_MAIL)('%s of the way to the mail', async ([when, state, password, links]) => {
    await using at = await place();
    expect(await victim(at, 'start', when)).toBe('killed');
    const left = await look(at);
    expect({ ...left, links: left.links.length }).toEqual({ state, password, links });
    await victim(at, state === undefined ? 'start' : 'resume');
    const mailed = await look(at);
    const link = linkIn(at.mailbox.mails.at(-1)?.text);
    expect(mailed).toEqual({ state: 'link_mailed', password: null, links: [hashSecret(link)] });
    await victim(at, link);
    expect(await look(at)).toEqual(BACK);
  });

  test.for(['before 1', 'after 1'])('%s of the way back in, the person tries again', async (when) => {
    await using at = await place();
    await victim(at, 'start');
    const link = linkIn(at.mailbox.mails.at(-1)?.text);
    expect(await victim(at, link, when)).toBe('killed');
    expect(await look(at)).toEqual({ state: 'link_mailed', password: null, links: [hashSecret(link)] });
    await victim(at, link);
    expect(await look(at)).toEqual(BACK);
  });

  test('after the last step everything is there', async () => {
    await using at = await place();
    await victim(at, 'start');
    const link = linkIn(at.mailbox.mails.at(-1)?.text);
    expect(await victim(at, link, 'after 2')).toBe('killed');
    expect(await look(at)).toEqual(BACK);
  });
});
