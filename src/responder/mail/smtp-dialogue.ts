import { type MailStage, stageOfCommand } from './mail-stage.ts';

/**
 * Follows the lines that go to and fro and tells what the server is waited for. Commands can be sent ahead of
 * their answers (RFC 2920), so several stages may be waited for; the first one counts.
 */
export class SmtpDialogue {
  readonly #awaited: MailStage[] = ['connect'];
  #answered: MailStage = 'connect';
  #greeting = '';
  readonly #onProgress: () => void;

  constructor(onProgress: () => void) {
    this.#onProgress = onProgress;
  }

  get stage(): MailStage {
    return this.#awaited[0] ?? this.#answered;
  }

  /** The first line the server said. */
  get greeting(): string {
    return this.#greeting;
  }

  connected(tlsFirst: boolean): void {
    this.#awaitOnly(tlsFirst ? 'tls' : 'greeting');
  }

  /** The connection can be used: TLS, when it comes first, is there. */
  ready(): void {
    this.#awaitOnly('greeting');
  }

  sent(line: string): void {
    if (this.#awaited[0] === 'tls') this.#awaited.shift();
    this.#awaited.push(stageOfCommand(line));
    this.#onProgress();
  }

  received(reply: string): void {
    const stage = this.#awaited.shift();
    if (stage !== undefined) this.#answered = stage;
    if (stage === 'greeting') this.#greeting = reply;
    if (stage === 'starttls' && reply.startsWith('2')) this.#awaited.unshift('tls');
    this.#onProgress();
  }

  /** From now on the server may have the message. */
  messageBegun(): void {
    this.#awaitOnly('message');
  }

  #awaitOnly(stage: MailStage): void {
    this.#awaited.splice(0, Infinity, stage);
    this.#onProgress();
  }
}
