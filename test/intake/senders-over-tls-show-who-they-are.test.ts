import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closed, startBed, type IntakeBed } from './intake-bed.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

function selfSigned(name: string): void {
  execFileSync(
    'openssl',
    // prettier-ignore
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`,
      '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1', '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)],
    { stdio: 'ignore' },
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-intake-'));
  for (const name of ['server', 'sender', 'stranger']) selfSigned(name);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function startTls(clientCaFile: string | null): Promise<IntakeBed> {
  return startBed({
    config: {
      udp: [],
      tcp: [],
      tls: [{ host: '127.0.0.1', port: 0 }],
      certificate: { certFile: at('server.pem'), keyFile: at('server.key') },
      clientCaFile,
    },
  });
}

async function send(bed: IntakeBed, who: string | null, text: string): Promise<void> {
  const socket = connect({
    host: '127.0.0.1',
    port: bed.port('tls'),
    ca: await readFile(at('server.pem')),
    ...(who === null
      ? {}
      : { cert: await readFile(at(`${who}.pem`)), key: await readFile(at(`${who}.key`)) }),
  });
  const over = closed(socket);
  socket.end(text);
  await over;
}

test('counted messages over TLS arrive', async () => {
  await using bed = await startTls(null);
  await send(bed, null, '10 <13>app: a10 <13>app: b');
  expect(await bed.messages(2)).toEqual(['<13>app: a', '<13>app: b']);
  expect(bed.published[0]?.data).toMatchObject({ intake: { transport: 'tls' } });
});

test('with an authority for senders only its certificates get in', async () => {
  await using bed = await startTls(at('sender.pem'));
  await send(bed, null, '<13>app: nobody\n');
  await send(bed, 'stranger', '<13>app: stranger\n');
  await send(bed, 'sender', '<13>app: sender\n');
  expect(await bed.messages(1)).toEqual(['<13>app: sender']);
  while (bed.listener('tls').refused < 2) await setImmediate();
  expect(bed.listener('tls')).toMatchObject({ received: 1, refused: 2 });
});
