type Edit = readonly [anchor: string, replacement: string];
export const EDITS: Readonly<Record<string, readonly Edit[]>>;
export function patch(
  text: string,
  edits: readonly Edit[],
): { readonly text?: string; readonly why?: string };
export function patchSsh2(root: string): string | undefined;
