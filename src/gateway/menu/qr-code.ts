import { encodeQR } from 'qr';

/** Modules of nothing around the code (ISO/IEC 18004 asks for four; every reader takes two). */
const BORDER = 2;
const BLACK_ON_WHITE = '\u001B[0;30;107m';
const PLAIN = '\u001B[0m';

/** A QR code for terminals, two rows of modules a line, black on white whatever the colours of the terminal. */
export function qrForTerminal(text: string): readonly string[] {
  const modules = encodeQR(text, 'raw', { ecc: 'low', border: BORDER });
  const lines: string[] = [];
  for (let row = 0; row < modules.length; row += 2) {
    const [upper = [], lower = []] = [modules[row], modules[row + 1]];
    const cells = upper.map((dark, column) => halves(dark, lower[column] ?? false));
    lines.push(`${BLACK_ON_WHITE}${cells.join('')}${PLAIN}`);
  }
  return lines;
}

function halves(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '█' : '▀';
  return lower ? '▄' : ' ';
}
