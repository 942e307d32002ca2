import { connect } from 'node:net';
import { once } from 'node:events';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBed, tryLogin, type Bed } from './bed.ts';

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
/** PROXY v2 for TCP over IPv4 from 192.0.2.7:56324, with an extension behind the addresses. */
const V2 = Buffer.concat([SIGNATURE, Buffer.from('21110013c0000207c6336401dc0408ae03000400000000', 'hex')]);
const V2_LOCAL = Buffer.concat([SIGNATURE, Buffer.from('20000000', 'hex')]);

/** A client socket on which the bytes of a proxy were already sent, from an address of the loopback network. */
async function through(port: number, header: Buffer | string, localAddress: string) {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  await once(socket, 'connect');
  socket.write(header);
  return socket;
}

/** Everything the server says to these bytes until it hangs up. */
async function answerTo(port: number, bytes: Buffer | string, localAddress: string): Promise<string> {
  const socket = await through(port, bytes, localAddress);
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return heard;
}

const PROXY = '127.0.0.2';
const STRANGER = '127.0.0.3';

let bed: Bed;
beforeAll(async () => {
  bed = await openBed({ trustedProxies: [`${PROXY}/32`, '2001:db8::/32'] });
});
afterAll(() => bed[Symbol.asyncDispose]());

test.each([
  ['version 1', 'PROXY TCP4 192.0.2.7 198.51.100.1 56324 2222\r\n', '192.0.2.7', 56_324],
  ['version 1, IPv6', 'PROXY TCP6 2001:DB8::7 2001:db8::1 56324 2222\r\n', '2001:db8::7', 56_324],
  ['version 2', V2, '192.0.2.7', 56_324],
])(
  '%s from a trusted proxy: the client’s own address in every event',
  async (_what, header, address, port) => {
    const attempt = await tryLogin(bed.port, {
      username: 'alice',
      password: 'right',
      sock: await through(bed.port, header, PROXY),
    });
    expect(attempt.isIn).toBe(true);
    expect(bed.logins.at(-1)).toMatchObject({ address, port });
    const loginId = bed.logins.at(-1)?.id;
    const succeeded = await bed.event('login.succeeded', ({ data }) => data['login'] === loginId);
    const ended = await bed.event('login.ended', ({ data }) => data['login'] === loginId);
    expect([succeeded, ended]).toMatchObject([
      { address, port },
      { address, port },
    ]);
    const wrong = { username: 'alice', password: 'wrong', sock: await through(bed.port, header, PROXY) };
    expect((await tryLogin(bed.port, wrong)).isIn).toBe(false);
    expect(await bed.event('login.failed', (event) => event.address === address)).toMatchObject({ port });
  },
);

test('a header that comes in small pieces, the client’s first line glued to its end', async () => {
  const socket = await through(bed.port, '', PROXY);
  for (const byte of 'PROXY TCP4 192.0.2.9 198.51.100.1 7 2222\r') {
    socket.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const client = new ssh2.Client();
  const write = socket.write.bind(socket);
  socket.write = (data: never, ...rest: never[]) => {
    socket.write = write;
    return write(Buffer.concat([Buffer.from('\n'), Buffer.from(data)]), ...rest);
  };
  client.connect({ sock: socket, username: 'alice', password: 'right' });
  await once(client, 'ready');
  client.end();
  expect(bed.logins.at(-1)).toMatchObject({ address: '192.0.2.9', port: 7 });
});

test.each([
  ['none', 'SSH-2.0-x\r\n'],
  ['one that cannot be read', 'PROXY TCP4 nonsense\r\n'],
  ['one of a Unix socket', Buffer.concat([SIGNATURE, Buffer.from('213100d8', 'hex'), Buffer.alloc(216)])],
  ['two', Buffer.concat([V2, V2])],
  ['two of version 1', 'PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\nPROXY TCP4 192.0.2.8 198.51.100.1 1 2\r\n'],
])('a trusted proxy must send a header: %s is refused', async (what, bytes) => {
  const heard = await answerTo(bed.port, bytes, PROXY);
  expect(heard).toBe(what.startsWith('two') ? 'SSH-2.0-Portcullis\r\n' : '');
});

test.each([
  ['version 1', 'PROXY TCP4 192.0.2.200 198.51.100.1 56324 2222\r\n'],
  ['version 2', Buffer.concat([SIGNATURE, Buffer.from('2111000cc00002c8c6336401dc0408ae', 'hex')])],
])('%s from anybody else is just no SSH', async (_what, header) => {
  expect(await answerTo(bed.port, header, STRANGER)).toBe('SSH-2.0-Portcullis\r\n');
  const event = await bed.event(
    'connection.unauthenticated',
    ({ address, data }) => address === STRANGER && data['reason'] === 'malformed',
  );
  expect(event.data).toMatchObject({ stage: 'identification', detail: 'it does not begin with SSH-' });
  expect((await bed.events()).some(({ address }) => address === '192.0.2.200')).toBe(false);
});

test('a connection of the proxy’s own is not told when it only looks in', async () => {
  const socket = await through(bed.port, V2_LOCAL, PROXY);
  const [greeting] = (await once(socket, 'data')) as [Buffer];
  expect(greeting.toString('latin1')).toBe('SSH-2.0-Portcullis\r\n');
  socket.end();
  await once(socket, 'close');
  await answerTo(bed.port, 'x\r\n', '127.0.0.9');
  await bed.event('connection.unauthenticated', ({ address }) => address === '127.0.0.9');
  const own = (await bed.events()).filter(
    ({ address, data }) => address === PROXY && data['reason'] === 'closed',
  );
  expect(own).toHaveLength(0);
});
