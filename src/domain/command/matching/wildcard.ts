/**
 * Compares text with a pattern in which `*` stands for any characters and `?` for one, as file name patterns
 * do. Linear in text times number of stars, no backtracking over earlier stars.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let inText = 0;
  let starAt = -1;
  let starText = 0;
  while (inText < text.length) {
    if (pattern[at] === '*') {
      starAt = at;
      starText = inText;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[inText])) {
      at += 1;
      inText += 1;
    } else if (starAt >= 0) {
      starText += 1;
      inText = starText;
      at = starAt + 1;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
