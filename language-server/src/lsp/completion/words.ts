// biome-ignore-all lint/suspicious/noTemplateCurlyInString: snippets of the protocol have such tab stops.
/** Options, words and keywords: what elaboration and the grammar have a use for at a place. */
import { isFigureProperty } from '@dsys/grammar';
import type { AstNode } from 'langium';
import { CompletionItemKind } from 'vscode-languageserver';
import { figureExamples } from '../../elaborate/figures.ts';
import { examples } from '../../elaborate/partitioning.ts';
import type { Wanted } from '../../elaborate/questions.ts';
import { roleWords } from '../../names/expected.ts';
import { defaultOf } from '../meanings/defaults.ts';
import { blockKind, optionMeanings } from '../meanings/options.ts';
import { statementMeanings } from '../meanings/statements.ts';
import { wordMeanings } from '../meanings/words.ts';
import { type Offer, wordOffer } from './offers.ts';
import type { Place } from './place.ts';
import { belongs, filler, misplacedAmong } from './probe.ts';
import type { Leaf, Path, Walk } from './walk.ts';

export function optionOffers(wanted: Extract<Wanted, { kind: 'options' }>, text: string, place: Place): Offer[] {
  const block = blockKind(wanted.owner);
  const wrong = misplacedAmong(text, place, wanted.names);
  return wanted.names.filter(name => !wrong.has(name)).map(name => optionOffer(block, name));
}

function optionOffer(block: string, name: string): Offer {
  const meaning = optionMeanings[block]?.[name];
  const example = meaning?.example ?? '';
  return {
    label: name,
    group: 'option',
    kind: CompletionItemKind.Property,
    snippet: example === '' ? name : `${name} ${asSnippet(example)}`,
    means: meaning?.means,
    default: defaultOf(block, name),
  };
}

/** Its quantities and words become tab stops; braces and commas stay. */
function asSnippet(example: string): string {
  if (example.startsWith('{')) return `{ \${1:${example.slice(1, -1).trim()}} }`;
  return `\${1:${example.replaceAll('}', '\\}')}}`;
}

export function wordOffers(
  wanted: Extract<Wanted, { kind: 'words' }>,
  node: AstNode | undefined,
  usual?: string,
): Offer[] {
  if (isFigureProperty(node)) return figureOffers(node.words);
  const isStrategy = node?.$type === 'PartitionLevel';
  return wanted.words.map(word => {
    const offer = wordOffer(word, wordMeanings[word], usual?.split(' ').includes(word));
    const example = isStrategy ? examples[word as keyof typeof examples] : undefined;
    return example === undefined ? offer : { ...offer, snippet: strategySnippet(example) };
  });
}

const strategySnippet = (example: string): string =>
  example.replaceAll('}', '\\}').replace(/\((\w+)\)/, (_, field) => `(\${1:${field}})`);

/** Figures with their usual form; after `read` only what goes on with it. */
function figureOffers(words: readonly string[]): Offer[] {
  const before = words.slice(0, words.indexOf(filler));
  const start = before.map(word => `${word} `).join('');
  return Object.entries(figureExamples).flatMap(([figure, example]) => {
    if (!figure.startsWith(start) || figure.length < start.length) return [];
    const [form] = example.split(', or ');
    const bound = form!.slice(start.length).replace(/(\S+)$/, '${1:$1}');
    const means = wordMeanings[figure];
    return [
      { label: figure.slice(start.length), group: 'word', kind: CompletionItemKind.EnumMember, snippet: bound, means },
    ];
  });
}

/** Words of the grammar that may come next and that elaboration has a use for. */
export function keywordOffers(
  leaves: readonly Leaf[],
  wantsQuorum: boolean,
  text: string,
  place: Place,
  walk: Walk,
): Offer[] {
  const words = leaves.filter(leaf => leaf.isKeyword && /^[a-z]/.test(leaf.token) && !isElsewhere(leaf));
  // A figure is not whole before it is compared with something.
  if (leaves.some(({ path }) => path.rule === 'Comparison' && path.up?.rule === 'FigureProperty')) return [];
  const distinct = [...new Map(words.map(leaf => [leaf.token, leaf])).values()];
  return distinct
    .filter(leaf => {
      if (leaf.path.rule === 'Role') return leaf.token === 'of' && roleWords.includes(place.before?.image ?? '');
      if (isWithin(leaf.path, 'QuorumForm')) return wantsQuorum;
      return !needsTrial(leaf) || belongs(text, place, `${leaf.token} ${continuation(leaf, walk)}`.trim());
    })
    .map(leaf => keywordOffer(leaf, place.atStart));
}

/** Option names, figures and attributes are what elaboration knows, not what the grammar lets through. */
const isElsewhere = ({ path }: Leaf): boolean =>
  ['OptionName', 'FigureWord'].includes(path.rule) ||
  (path.property === 'name' && ['PlainOption', 'ReadOption', 'FieldAttribute'].includes(path.rule));

const needsTrial = ({ path }: Leaf): boolean =>
  [
    'Replication',
    'Consensus',
    'Partitioning',
    'Commit',
    'Operations',
    'Access',
    'Replicas',
    'NodeAction',
    'MembershipAction',
    'MessageAction',
    'PartitionLevel',
    'Chaos',
  ].some(rule => path.rule === rule && path.property !== 'verb') ||
  isWithin(path, 'PlainOption') ||
  isWithin(path, 'ReadOption');

function isWithin(path: Path, rule: string): boolean {
  for (let at: Path | undefined = path; at; at = at.up) {
    if (at.rule === rule) return true;
    if (at.rule === 'Block') return false;
  }
  return false;
}

/** Something that may follow a keyword, so that elaboration sees what the keyword is about. */
export function continuation({ next }: Leaf, walk: Walk): string {
  const after = walk.leaves(new Set([next]));
  const has = (...tokens: string[]) => after.some(leaf => tokens.includes(leaf.token));
  if (has('}')) return '';
  if (has('DURATION')) return '1ns';
  if (has('NUMBER')) return '1';
  if (has('NAME', 'ID')) return filler;
  const [only] = after;
  return after.length === 1 && only!.isKeyword ? `${only!.token} ${continuation(only!, walk)}`.trim() : '';
}

function keywordOffer({ token, path }: Leaf, atStart: boolean): Offer {
  const meaning = statementMeanings[path.rule]?.[token];
  const isBlock = meaning?.snippet !== undefined && (atStart || !meaning.snippet.includes('\n'));
  const isOption = path.rule === 'Replicas';
  return {
    label: token,
    group: isOption ? 'option' : 'keyword',
    kind: isBlock ? CompletionItemKind.Snippet : CompletionItemKind.Keyword,
    ...(isBlock && { snippet: meaning.snippet! }),
    means: isOption ? optionMeanings.store!.replicas!.means : (meaning?.means ?? wordMeanings[token]),
    default: isOption ? defaultOf('store', 'replicas') : undefined,
  };
}
