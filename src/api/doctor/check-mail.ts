import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { MailConfig } from '#config/config.ts';
import type { DoctorCheck } from '#contract/resources/doctor-report.ts';
import { printable } from '#lib/printable.ts';
import { failure, good, warning } from './finding.ts';

const GREETING_TIMEOUT_MS = 5_000;

/** Whether the mail server answers. Whether it takes our mails is what `portcullis mail test` finds out. */
export async function checkMailServer(mail: MailConfig | null): Promise<DoctorCheck> {
  const name = 'mail';
  if (mail === null)
    return warning(
      name,
      'no mail server is configured',
      'Set mail.host and mail.from: recovery links and reports are mailed.',
    );
  const place = `${mail.host}:${mail.port}`;
  try {
    const greeting = await readGreeting(mail);
    return greeting.startsWith('220')
      ? good(name, `${place} answers: ${greeting}`)
      : failure(name, `${place} answers: ${greeting}`, 'Check mail.host and mail.port.');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failure(name, `${place} does not answer: ${why}`, 'Check mail.host, mail.port and mail.security.');
  }
}

/** The first line the server says (RFC 5321 section 4.2), safe to show. */
function readGreeting({ host, port, security }: MailConfig): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket: Socket =
    security === 'tls' ? connectTls({ host, port, servername: host }) : connectPlain({ host, port });
  socket.setTimeout(GREETING_TIMEOUT_MS, () => socket.destroy(new Error('it says nothing')));
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (!text.includes('\n') && text.length < 1024) return;
    resolve(printable(text.split(/\r?\n/, 1)[0] ?? '', 120));
    socket.end('QUIT\r\n');
    socket.destroySoon();
  });
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('it closed the connection')));
  return promise;
}
