/** Finds which of many literals occur in a text, in one pass over it, however many there are. */
export interface LiteralAutomaton {
  /** Calls `found` with the tags of every literal in the text; a tag may come more than once. */
  scan(text: string, found: (tag: number) => void): void;
}

const FIRST_UNKNOWN = 128;

/** True for literals the automaton can hold: plain ASCII, which text outside ASCII can never continue. */
export function isIndexable(literal: string): boolean {
  // eslint-disable-next-line no-control-regex -- the whole of ASCII is meant
  return literal !== '' && /^[\u0000-\u007F]*$/.test(literal);
}

interface Node {
  readonly next: Map<number, Node>;
  readonly tags: number[];
  readonly id: number;
  fail: Node | undefined;
}

/**
 * The machine of Aho and Corasick (Communications of the ACM 18/6, 1975), with every transition worked out
 * beforehand: one array look-up for each character.
 */
export function buildAutomaton(
  literals: readonly (readonly [literal: string, tag: number])[],
): LiteralAutomaton {
  const nodes = buildTree(literals);
  const classes = classesOf(literals);
  const width = Math.max(...classes) + 1;
  const transitions = new Int32Array(nodes.length * width);
  const tags: (readonly number[])[] = [];
  const [root] = nodes;
  // Breadth first: when a node's turn comes, its fail node is complete.
  for (const node of breadthFirst(nodes)) {
    const fallback = node.fail ?? root;
    tags[node.id] = node === root ? node.tags : [...node.tags, ...(tags[fallback?.id ?? 0] ?? [])];
    if (node !== root)
      transitions.copyWithin(node.id * width, (fallback?.id ?? 0) * width, ((fallback?.id ?? 0) + 1) * width);
    for (const [code, child] of node.next) {
      const at = node.id * width + (classes[code] ?? 0);
      // Before this child is entered, the cell holds where the fallback would go: its own fail node.
      child.fail = node === root ? root : nodes[transitions[at] ?? 0];
      transitions[at] = child.id;
    }
  }
  const isFinal = Uint8Array.from(tags, (list) => (list.length > 0 ? 1 : 0));
  return {
    scan(text, found) {
      let state = 0;
      for (let index = 0; index < text.length; index++) {
        const code = text.charCodeAt(index);
        state = code < FIRST_UNKNOWN ? (transitions[state * width + (classes[code] ?? 0)] ?? 0) : 0;
        if (isFinal[state] === 1) for (const tag of tags[state] ?? []) found(tag);
      }
    },
  };
}

function buildTree(literals: readonly (readonly [string, number])[]): readonly Node[] {
  const nodes: Node[] = [];
  const add = (): Node => {
    const node: Node = { next: new Map(), tags: [], id: nodes.length, fail: undefined };
    nodes.push(node);
    return node;
  };
  const root = add();
  for (const [literal, tag] of literals) {
    let node = root;
    for (let index = 0; index < literal.length; index++) {
      const code = literal.charCodeAt(index);
      const child = node.next.get(code) ?? add();
      node.next.set(code, child);
      node = child;
    }
    if (!node.tags.includes(tag)) node.tags.push(tag);
  }
  return nodes;
}

/** Characters that no literal has share the class 0, which leads back to the root. */
function classesOf(literals: readonly (readonly [string, number])[]): Uint8Array {
  const classes = new Uint8Array(FIRST_UNKNOWN);
  let last = 0;
  for (const [literal] of literals)
    for (let index = 0; index < literal.length; index++) {
      const code = literal.charCodeAt(index);
      if (classes[code] === 0) classes[code] = ++last;
    }
  return classes;
}

function* breadthFirst(nodes: readonly Node[]): Generator<Node> {
  let level = nodes.slice(0, 1);
  while (level.length > 0) {
    yield* level;
    level = level.flatMap((node) => [...node.next.values()]);
  }
}
