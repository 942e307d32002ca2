/** What a mail server is waited for, in the order of the dialogue. */
export type MailStage =
  | 'connect'
  | 'tls'
  | 'greeting'
  | 'hello'
  | 'starttls'
  | 'login'
  | 'sender'
  | 'recipient'
  | 'data'
  | 'message';

/** In words, to go behind "waiting for". */
export const STAGE_WORDS: Readonly<Record<MailStage, string>> = {
  connect: 'the connection',
  tls: 'the TLS handshake',
  greeting: 'the greeting',
  hello: 'the answer to EHLO',
  starttls: 'the answer to STARTTLS',
  login: 'the answer to the login',
  sender: 'the answer to MAIL FROM',
  recipient: 'the answer to RCPT TO',
  data: 'the answer to DATA',
  message: 'the word that the message was taken',
};

const VERBS: readonly (readonly [verb: RegExp, stage: MailStage])[] = [
  [/^(EHLO|HELO)\b/i, 'hello'],
  [/^STARTTLS\b/i, 'starttls'],
  [/^MAIL FROM:/i, 'sender'],
  [/^RCPT TO:/i, 'recipient'],
  [/^DATA\b/i, 'data'],
];

/** The stage that a command of the client begins. What is no command is part of a login (RFC 4954 section 4). */
export function stageOfCommand(line: string): MailStage {
  return VERBS.find(([verb]) => verb.test(line))?.[1] ?? 'login';
}
