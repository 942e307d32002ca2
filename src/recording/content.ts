/**
 * What the gateway hands over besides bytes. A `resize` is `COLUMNSxROWS`, as asciicast writes it; a `mark`
 * is a line of text.
 */
export function resizeContent(columns: number, rows: number): Buffer {
  return Buffer.from(`${String(columns)}x${String(rows)}`, 'latin1');
}

export function parseResize(
  content: Uint8Array,
): { readonly columns: number; readonly rows: number } | undefined {
  const match = /^(\d{1,5})x(\d{1,5})$/.exec(Buffer.from(content).toString('latin1'));
  return match === null ? undefined : { columns: Number(match[1]), rows: Number(match[2]) };
}

export function markContent(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

/** Stands in the place of what was typed while the asset did not echo. */
export const INPUT_NOT_RECORDED = 'input not recorded: typed at a prompt without echo';
