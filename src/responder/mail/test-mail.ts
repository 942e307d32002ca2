import { newId } from '#lib/ids.ts';
import type { Mailer, MailReceipt } from './mailer.ts';
import { writeMail } from './mail-text.ts';

/** Sends a mail that proves the way to the person. Throws E_MAIL with the server's exact words. */
export async function sendTestMail(mailer: Mailer, to: string): Promise<MailReceipt> {
  const body = writeMail([
    { kind: 'text', text: 'This is a test mail from Portcullis. If you can read it, mail works.' },
    {
      kind: 'text',
      text: '这是来自 Portcullis 的测试邮件。如果您能看到它，邮件工作正常。',
    },
  ]);
  return mailer.send({ to: [to], subject: 'Portcullis: test mail', id: newId(), ...body });
}
