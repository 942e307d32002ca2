import { newId } from '#lib/ids.ts';
import { writeMail } from './mail-text.ts';
import type { OutgoingMail } from './outgoing-mail.ts';

/** A mail that proves the way to the person. */
export function testMail(to: string): OutgoingMail {
  const body = writeMail('both', [
    { kind: 'text', text: 'This is a test mail from Portcullis. If you can read it, mail works.' },
    {
      kind: 'text',
      text: '这是来自 Portcullis 的测试邮件。如果您能看到它，邮件工作正常。',
    },
  ]);
  return { to: [to], subject: 'Portcullis: test mail', id: newId(), language: 'both', ...body };
}
