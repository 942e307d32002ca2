const UNIT_BYTES: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1_048_576, GiB: 1_073_741_824 };

/** Reads `512MiB`. Returns bytes, or undefined when it is not a size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,9})(KiB|MiB|GiB)$/.exec(text);
  const unit = UNIT_BYTES[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}
