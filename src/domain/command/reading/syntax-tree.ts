import { forEachChild, type SyntaxNode } from 'unbash';
import type { Span } from './field.ts';
import { MAX_SOURCE_LENGTH, parseShell } from './shell-syntax.ts';

/** What a node is, in our own words: they stay when the parser changes. */
export type SyntaxTreeNode =
  | 'list'
  | 'background'
  | 'and-or'
  | 'pipeline'
  | 'command'
  | 'assignment'
  | 'redirection'
  | 'here-document'
  | 'substitution'
  | 'process-substitution'
  | 'subshell'
  | 'group'
  | 'if'
  | 'while'
  | 'for'
  | 'select'
  | 'case'
  | 'function'
  | 'coprocess'
  | 'test'
  | 'arithmetic'
  /** What is left out of a tree that is too large. */
  | 'more';

/** A line as the shell's grammar takes it apart. Words are told with their command; quoting stays as written. */
export interface SyntaxTree {
  readonly node: SyntaxTreeNode;
  /** What tells it from others of its kind: words, operators, a name. May be empty. */
  readonly label: string;
  /** UTF-16 offsets in the line; what is inside a quoted script has the place of the script. */
  readonly start: number;
  readonly end: number;
  readonly children: readonly SyntaxTree[];
}

const MAX_NODES = 300;
const MAX_DEPTH = 30;
const MAX_LABEL = 200;

/** Nodes of the parser that are shown. All others are looked through. */
const NAMES: Readonly<Partial<Record<SyntaxNode['type'], SyntaxTreeNode>>> = {
  AndOr: 'and-or',
  Pipeline: 'pipeline',
  Command: 'command',
  Assignment: 'assignment',
  Redirect: 'redirection',
  HereString: 'redirection',
  HereDoc: 'here-document',
  CommandExpansion: 'substitution',
  ProcessSubstitution: 'process-substitution',
  Subshell: 'subshell',
  BraceGroup: 'group',
  If: 'if',
  While: 'while',
  For: 'for',
  ArithmeticFor: 'for',
  Select: 'select',
  Case: 'case',
  Function: 'function',
  Coproc: 'coprocess',
  TestCommand: 'test',
  ArithmeticCommand: 'arithmetic',
};

interface Place {
  /** What offsets of the parser point into. */
  readonly source: string;
  /** Set inside a script that was decoded first: its offsets are its own. */
  readonly span: Span | null;
  /** Of the whole line. */
  readonly length: number;
  readonly depth: number;
  readonly count: { left: number };
}

/** The tree of a line; null when it is too long or too deep to be parsed. For people to look at: pure, bounded. */
export function syntaxTree(line: string): SyntaxTree | null {
  if (line.length > MAX_SOURCE_LENGTH) return null;
  const source = line.replace(/[\r\n]+$/, '').replaceAll('\0', '');
  try {
    const { script } = parseShell(source);
    const [tree, ...others] = visit(script, {
      source,
      span: null,
      depth: 0,
      length: source.length,
      count: { left: MAX_NODES },
    });
    if (tree !== undefined && others.length === 0) return tree;
    return { node: 'list', label: '', start: 0, end: source.length, children: [] };
  } catch {
    return null;
  }
}

/** One line for each node, indented by its depth. */
export function renderSyntaxTree(tree: SyntaxTree): readonly string[] {
  const own = tree.label === '' ? tree.node : `${tree.node} ${tree.label}`;
  return [own, ...tree.children.flatMap((child) => renderSyntaxTree(child).map((text) => `  ${text}`))];
}

function visit(node: SyntaxNode, place: Place): readonly SyntaxTree[] {
  const name = nameOf(node);
  if (name === undefined) return visitChildren(node, place);
  const { start, end } = spanOf(node, place);
  place.count.left -= 1;
  if (place.count.left < 0 || place.depth > MAX_DEPTH)
    return place.count.left < -1 ? [] : [{ node: 'more', label: '', start, end, children: [] }];
  const children = visitChildren(node, { ...place, depth: place.depth + 1 });
  return [{ node: name, label: labelOf(node, place.source), start, end, children }];
}

/** The parser places what is not closed beyond the end of the line. */
function spanOf(node: SyntaxNode, { span, length }: Place): Span {
  return span ?? { start: Math.min(node.pos, length), end: Math.min(node.end, length) };
}

function visitChildren(node: SyntaxNode, place: Place): readonly SyntaxTree[] {
  const found: SyntaxTree[] = [];
  forEachChild(node, (child) => {
    const isDecoded = child.type === 'Script' && child.source !== undefined;
    const inside = isDecoded
      ? {
          ...place,
          source: child.source ?? '',
          span: spanOf(node, place),
        }
      : place;
    found.push(...visit(child, inside));
  });
  return found;
}

function nameOf(node: SyntaxNode): SyntaxTreeNode | undefined {
  if (node.type === 'Statement') return node.background === true ? 'background' : undefined;
  // One statement stands for itself.
  if (node.type === 'Script' || node.type === 'CompoundList')
    return node.commands.length > 1 ? 'list' : undefined;
  return NAMES[node.type];
}

function labelOf(node: SyntaxNode, source: string): string {
  const label = fullLabel(node, source).replaceAll(/\s+/g, ' ').trim();
  return label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL - 1)}…` : label;
}

function fullLabel(node: SyntaxNode, source: string): string {
  switch (node.type) {
    case 'Command':
      return [...(node.name === undefined ? [] : [node.name]), ...node.args]
        .map(({ text }) => text)
        .join(' ');
    case 'AndOr':
      return node.operators.join(' ');
    case 'Pipeline': {
      const prefixes = node.prefixes.map((one) => (one.type === 'Time' ? 'time' : '!'));
      return [...prefixes, ...new Set(node.operators)].join(' ');
    }
    case 'HereDoc':
      return `${node.operator}${node.delimiter?.text ?? ''}`;
    case 'Assignment':
      return node.text;
    case 'Redirect':
    case 'HereString':
    case 'TestCommand':
    case 'ArithmeticCommand':
      return source.slice(node.pos, node.end);
    case 'While':
      return node.kind === 'until' ? 'until' : '';
    case 'For':
    case 'Select':
    case 'Function':
      return node.name.value;
    case 'Case':
      return node.word.text;
    default:
      return '';
  }
}
