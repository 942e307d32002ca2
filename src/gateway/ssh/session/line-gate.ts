import type { GrantMode } from '#contract/resources/grant.ts';
import { definitionsAfter, NO_DEFINITIONS } from '#domain/command/definitions.ts';
import type { CommandJudge, CommandJudgement } from '#domain/command/verdict.ts';
import type { Gate, GateOutput, OpenGate } from './gate.ts';

/** Longer lines cannot be read, and count as such. */
const MAX_LINE_BYTES = 64 * 1024;
const LF = 0x0a;

export interface LineGateOptions {
  readonly judge: CommandJudge;
  readonly mode: GrantMode;
  /** Makes the decision known; the line goes on only when the promise resolves. Null: it cannot be read. */
  readonly onJudged: (line: string, judgement: CommandJudgement | null) => Promise<void>;
  readonly auditFailed: () => void;
  /** The person is told why a line did not go on. */
  readonly tell: (judgement: CommandJudgement | null) => void;
}

/**
 * The gate of a shell without a terminal: its standard input is a script, read line by line by the shell
 * itself. Nothing is echoed, so what was sent is what runs; a denied line is left out and the rest goes on.
 */
export function createLineGate(options: LineGateOptions): OpenGate {
  return (output) => new LineGate(options, output);
}

class LineGate implements Gate {
  readonly usesBytesAtOnce = true;
  readonly #options: LineGateOptions;
  readonly #output: GateOutput;
  #held: Buffer = Buffer.alloc(0);
  /** Earlier lines the shell wants continued: an open quote, a here-document. */
  #continued = '';
  #definitions = NO_DEFINITIONS;
  #judging = false;
  #closed = false;
  #skippingLine = false;
  #ended: (() => void) | undefined;

  constructor(options: LineGateOptions, output: GateOutput) {
    this.#options = options;
    this.#output = output;
  }

  get heldBytes(): number {
    return this.#held.length;
  }

  fromPerson(bytes: Buffer): void {
    if (this.#closed) return;
    this.#held = Buffer.concat([this.#held, bytes]);
    this.#pump();
  }

  fromAsset(bytes: Buffer): void {
    this.#output.toPerson(bytes);
  }

  resize(): void {
    // Without a terminal there is nothing to resize.
  }

  personEnded(done: () => void): void {
    this.#ended = done;
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#held = Buffer.alloc(0);
  }

  #pump(): void {
    while (!this.#judging && !this.#closed) {
      const end = this.#held.indexOf(LF);
      if (end >= 0) this.#take(end + 1);
      else if (this.#held.length > MAX_LINE_BYTES) this.#take(this.#held.length);
      else if (this.#ended === undefined) return;
      else if (this.#held.length > 0) this.#take(this.#held.length);
      else {
        const done = this.#ended;
        this.#ended = undefined;
        done();
        return;
      }
    }
  }

  #take(length: number): void {
    const bytes = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    const isWhole = bytes.at(-1) === LF || bytes.length <= MAX_LINE_BYTES;
    // The rest of a line whose beginning could not be read cannot be read either.
    const wasSkipping = this.#skippingLine;
    this.#skippingLine = !isWhole;
    if (wasSkipping) {
      if (this.#options.mode === 'observe') this.#output.toAsset(bytes);
      return;
    }
    const readable = isWhole && bytes.length <= MAX_LINE_BYTES;
    const line = readable ? bytes.toString('utf8').replace(/\r?\n$/, '') : '';
    const whole = this.#continued === '' ? line : `${this.#continued}\n${line}`;
    if (readable && whole.trim() === '') {
      this.#output.toAsset(bytes);
      return;
    }
    const judgement =
      readable && whole.length <= MAX_LINE_BYTES ? this.#options.judge.judge(whole, this.#definitions) : null;
    this.#conclude(bytes, whole, judgement);
  }

  #conclude(bytes: Buffer, line: string, judgement: CommandJudgement | null): void {
    const { onJudged, auditFailed, tell, mode } = this.#options;
    const known = onJudged(line, judgement);
    const failed = (): void => {
      this.close();
      auditFailed();
    };
    if (mode === 'observe') {
      // Nothing is held for a mode that only observes.
      known.catch(failed);
      this.#pass(bytes, line, judgement);
      return;
    }
    this.#judging = true;
    known.then(() => {
      this.#judging = false;
      if (this.#closed) return;
      if (judgement === null || judgement.verdict === 'deny') {
        this.#continued = '';
        tell(judgement);
      } else this.#pass(bytes, line, judgement);
      this.#pump();
    }, failed);
  }

  #pass(bytes: Buffer, line: string, judgement: CommandJudgement | null): void {
    const incomplete = judgement?.reading.incomplete === true;
    this.#continued = incomplete ? line : '';
    if (judgement !== null && !incomplete)
      this.#definitions = definitionsAfter(this.#definitions, judgement.reading);
    this.#output.toAsset(bytes);
  }
}
