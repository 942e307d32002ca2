import { TextDecoder } from 'node:util';
import type { FrameKind } from '../recorder.ts';

/**
 * Text from bytes that were cut anywhere: a character that begins in one frame and ends in the next stays
 * whole, and invalid bytes become U+FFFD. Output, error output and input each have their own thread of
 * characters.
 */
export class FrameTextDecoder {
  readonly #decoders = new Map<FrameKind, TextDecoder>();

  decode(kind: FrameKind, data: Uint8Array): string {
    return this.#decoder(kind).decode(data, { stream: true });
  }

  /** What was left open by the last bytes of each kind. */
  flush(): readonly { readonly kind: FrameKind; readonly text: string }[] {
    return [...this.#decoders]
      .map(([kind, decoder]) => ({ kind, text: decoder.decode() }))
      .filter(({ text }) => text !== '');
  }

  #decoder(kind: FrameKind): TextDecoder {
    const known = this.#decoders.get(kind);
    if (known !== undefined) return known;
    // A byte order mark is content: what was recorded is shown, not interpreted.
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    this.#decoders.set(kind, decoder);
    return decoder;
  }
}
