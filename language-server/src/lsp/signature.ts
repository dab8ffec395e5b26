/** What the brackets of distributions and quorums hold. */
import type { LangiumDocument, Lexer } from 'langium';
import type { LangiumServices, SignatureHelpProvider } from 'langium/lsp';
import type { SignatureHelp } from 'vscode-languageserver';
import { parameters } from '../elaborate/distributions.ts';
import type { Token } from './completion/walk.ts';
import { distributionMeanings } from './meanings/words.ts';

interface Signature {
  readonly label: string;
  readonly parameters: readonly string[];
  readonly means: string;
  /** The last parameter may be written again and again. */
  readonly repeats: boolean;
}

export const signatureHelpProvider = (services: LangiumServices): SignatureHelpProvider => ({
  signatureHelpOptions: { triggerCharacters: ['('], retriggerCharacters: [','] },
  provideSignatureHelp(document, { position }) {
    return signatureAt(document, document.textDocument.offsetAt(position), services.parser.Lexer);
  },
});

function signatureAt(document: LangiumDocument, offset: number, lexer: Lexer): SignatureHelp | undefined {
  const { tokens } = lexer.tokenize(document.textDocument.getText()) as unknown as { tokens: Token[] };
  const before = tokens.filter(token => token.tokenType.name !== 'EOF' && token.startOffset < offset);
  let commas = 0;
  let depth = 0;
  for (let i = before.length - 1; i >= 0; i--) {
    const { image } = before[i]!;
    // Brackets hold nothing that has braces.
    if (image === '{' || image === '}') return undefined;
    if (image === ')' && (before[i]!.endOffset ?? 0) < offset) depth++;
    else if (image === ',' && depth === 0) commas++;
    else if (image === '(' && depth > 0) depth--;
    else if (image === '(') {
      const signature = signatureOf(before.slice(0, i).map(token => token.image));
      return signature && helpFor(signature, commas);
    }
  }
  return undefined;
}

function helpFor({ label, parameters: names, means, repeats }: Signature, commas: number): SignatureHelp {
  let from = label.indexOf('(');
  const places = names.map(name => {
    const start = label.indexOf(name, from);
    from = start + name.length;
    return { label: [start, from] as [number, number] };
  });
  const activeParameter = repeats ? Math.min(commas, names.length - 1) : commas;
  return {
    signatures: [{ label, documentation: means, parameters: places }],
    activeSignature: 0,
    activeParameter,
  };
}

/** @param words the tokens before the bracket */
function signatureOf(words: readonly string[]): Signature | undefined {
  const last = words.at(-1) ?? '';
  if (Object.hasOwn(parameters, last)) {
    const { names } = parameters[last]!;
    const inside = names.slice(names.indexOf('(') + 1, -1).split(', ');
    return { label: names, parameters: inside, means: distributionMeanings[last] ?? '', repeats: false };
  }
  if (last === 'mix') {
    const parts = ['weight part', 'weight part …'];
    return { label: `mix(${parts.join(', ')})`, parameters: parts, means: distributionMeanings.mix!, repeats: true };
  }
  if (last === 'grid') {
    const means = 'Replicas in placement order fill the rows; then row, column or cross says what a quorum is.';
    return { label: 'grid(rows, columns) shape', parameters: ['rows', 'columns'], means, repeats: false };
  }
  if (last !== 'of') return undefined;
  const [kind, count] = [words.at(-3), words.at(-2)];
  const repeated = (label: string, means: string, ...names: string[]): Signature => ({
    label,
    parameters: names,
    means,
    repeats: true,
  });
  if (kind === 'any') {
    return repeated(`any ${count} of (member, member …)`, `Any ${count} of the members.`, 'member', 'member …');
  }
  if (count === 'all') return repeated('all of (member, member …)', 'All of the members.', 'member', 'member …');
  if (kind === 'weight') {
    const means = `Members whose weights add up to ${count}.`;
    return repeated(`weight ${count} of (node = weight, node = weight …)`, means, 'node = weight', 'node = weight …');
  }
  return undefined;
}
