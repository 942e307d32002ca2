import MailComposer from 'nodemailer/lib/mail-composer';
import type { OutgoingMail } from './outgoing-mail.ts';

/** A mail as it goes over the wire. */
export interface MailLetter {
  readonly messageId: string;
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and both bodies (RFC 5322, RFC 2046). */
  readonly message: Buffer;
}

interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** BCP 47 tags for Content-Language (RFC 3282). */
const LANGUAGE_TAGS = { en: 'en', zh: 'zh-CN', both: 'en, zh-CN' } as const;

export async function composeLetter(mail: OutgoingMail, sender: string): Promise<MailLetter> {
  const from = splitMailbox(sender);
  const to = mail.to.map(splitMailbox);
  const messageId = `<${mail.id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`;
  const message = await new MailComposer({
    from,
    to,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId,
    headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': LANGUAGE_TAGS[mail.language] },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
  return { messageId, from: from.address, to: to.map(({ address }) => address), message };
}

/**
 * `Name <address>` or an address. Split here and handed on as parts, so that nothing in a name is ever read as
 * a second address.
 */
function splitMailbox(text: string): Mailbox {
  const parts = /^(.*)<([^<>]*)>\s*$/s.exec(text);
  return parts === null
    ? { name: '', address: text.trim() }
    : { name: (parts[1] ?? '').trim().replace(/^"(.*)"$/, '$1'), address: (parts[2] ?? '').trim() };
}
