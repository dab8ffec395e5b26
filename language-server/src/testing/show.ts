import type { AstNode } from 'langium';

/**
 * The AST as a short text, for tests of what was understood: names as written, quantities as written, options as
 * `name(values){block}`, everything else as `Type(property=...)` with empty properties left out.
 */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : JSON.stringify(value);
  const node = value as AstNode & Record<string, unknown>;
  switch (node.$type) {
    case 'Name':
      return (node.parts as string[]).join('.');
    case 'StringLiteral':
      return JSON.stringify(node.value);
    case 'Phrase':
      return `${node.preposition} ${list(node.values)}`;
    case 'Interval':
      return `${node.from ? show(node.from) : ''}..${node.to ? show(node.to) : ''}`;
    case 'Sum':
      return (node.terms as unknown[]).map(show).join(' + ');
    case 'Call':
      return `${node.function}(${list(node.arguments)})`;
    case 'MixPart':
      return `${show(node.weight)} of ${show(node.part)}`;
    case 'Option':
      return `${node.name}(${list(node.values)})${node.block ? show(node.block) : ''}`;
    case 'Block':
      return `{${[...(node.options as unknown[]), ...(node.assignments as unknown[])].map(show).join(' ')}}`;
    case 'HomeAssignment':
      return `${list(node.keys)} -> ${show(node.home)}`;
    case 'Role':
      return `${node.any ? 'any ' : ''}${node.role} of ${show(node.scope)}`;
  }
  if (quantities.has(node.$type)) return node.$cstNode?.text ?? '?';
  const properties = Object.entries(node).filter(([key, each]) => !key.startsWith('$') && !isEmpty(each));
  return `${node.$type}(${properties.map(([key, each]) => `${key}=${show(each)}`).join(' ')})`;
}

const list = (values: unknown) => (values as unknown[]).map(show).join(', ');

const quantities = new Set([
  'Duration',
  'Size',
  'Bandwidth',
  'Rate',
  'Percent',
  'Ppm',
  'Factor',
  'NumberLiteral',
  'DateLiteral',
]);

const isEmpty = (value: unknown) =>
  value === undefined || value === false || (Array.isArray(value) && value.length === 0);
