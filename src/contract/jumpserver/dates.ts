/** A moment as the API of versions 2 to 4 writes it, `2024/10/01 16:00:00 +0000`; here always in UTC. */
export function dateText(timeMs: number): string {
  const [date = '', time = ''] = new Date(timeMs).toISOString().split('T');
  return `${date.replaceAll('-', '/')} ${time.slice(0, 8)} +0000`;
}
