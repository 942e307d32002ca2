/** The control sequences that only change what is on the screen (ECMA-48, xterm's ctlseqs). */

/** Cursor and tabs, erasing, inserting and deleting, scrolling, repeating, margins, save and restore. */
const PLAIN_FINALS = new Set('@ABCDEFGHIJKLMPSXZ`abdefgrsu');
/** `4`: insert mode; `20`: new line mode. */
const PLAIN_MODES = new Set(['4', '20']);
/** Reverse, origin, wrap, cursor, margins, alternate screens. Nothing that resizes or changes what keys send. */
const PRIVATE_MODES = new Set(['5', '6', '7', '12', '25', '47', '69', '1047', '1048', '1049']);
/** More than any screen has: a repetition of a thousand million characters is an attack on the terminal. */
const MAX_PARAMETER = 9999;

/** What stands between CSI and the end of the sequence, final character included. */
export function isHarmlessCsi(body: string): boolean {
  const match = /^([<=>?]?)([0-9:;]*)([ -/]*)([@-~])$/.exec(body);
  if (match === null) return false;
  const [, prefix = '', parameters = '', intermediates = '', final = ''] = match;
  const numbers = parameters.split(/[:;]/);
  if (numbers.some((number) => number.length > 4 || Number(number) > MAX_PARAMETER)) return false;
  if (intermediates !== '')
    return prefix === '' && intermediates === '!' && final === 'p' && parameters === '';
  if (prefix === '?') {
    if (final === 'h' || final === 'l') return numbers.every((number) => PRIVATE_MODES.has(number));
    return final === 'K' || (final === 'J' && parameters !== '3');
  }
  if (prefix !== '') return false;
  if (final === 'm') return true;
  if (final === 'h' || final === 'l') return numbers.every((number) => PLAIN_MODES.has(number));
  // Erasing the lines that were scrolled away would take something from whoever watches.
  if (final === 'J') return parameters !== '3';
  return PLAIN_FINALS.has(final);
}

/** What stands after ESC, when it is neither a CSI nor a control string. */
export function isHarmlessEscape(body: string): boolean {
  // Save, restore, line feeds, tab stop, reset; DEC alignment; the character sets ASCII and line drawing.
  return /^(?:[78DEHMc]|#8|[()][0AB])$/.test(body);
}
