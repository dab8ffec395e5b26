/**
 * Follows the grammar itself along the tokens before a place and says what may come next: all readings at once, so that
 * half-written statements, in which the parser has not yet decided, offer everything that they may become.
 */
import { GrammarAST } from 'langium';

/** The part of a lexer's token that is looked at. */
export interface Token {
  readonly image: string;
  readonly startOffset: number;
  readonly endOffset?: number;
  readonly startLine?: number;
  readonly endLine?: number;
  readonly tokenType: { readonly name: string; readonly CATEGORIES?: readonly { readonly name: string }[] };
}

/** Where an element of the grammar stands: the rules that were called to get there, and as which property. */
export interface Path {
  readonly rule: string;
  readonly property: string | undefined;
  readonly up: Path | undefined;
}

/** A keyword or a terminal that may come next. */
export interface Leaf {
  /** The keyword as written, or the terminal's name. */
  readonly token: string;
  readonly isKeyword: boolean;
  readonly path: Path;
  readonly next: Item | undefined;
}

/** What is still to be matched. Items are interned: equal ones are the same object. */
interface Item {
  readonly element: GrammarAST.AbstractElement;
  readonly times: Times;
  readonly path: Path;
  readonly next: Item | undefined;
  leaves?: readonly Leaf[];
}

/** How often an element is matched: as its cardinality says, exactly once, or (the further rounds of `+`) any number of times. */
type Times = 'as written' | 'once' | 'any';

export type State = ReadonlySet<Item | undefined>;

export interface Walk {
  readonly start: State;
  advance(state: State, token: Token): State;
  leaves(state: State): readonly Leaf[];
  /** Whether what may begin in one state may also come next in another: whether a statement may end there. */
  includes(state: State, beginning: State): boolean;
}

/** Interned items of all walks so far; more than this only come from texts that nest without reason. */
const maxItems = 200_000;

export function createWalk(entry: GrammarAST.ParserRule): Walk {
  let itemsOf = new Map<unknown, Map<Item | undefined, Item>>();
  let paths = new Map<unknown, Path>();
  let ids = new Map<unknown, number>();
  let count = 0;
  const id = (of: unknown): number => {
    const known = ids.get(of) ?? ids.size;
    ids.set(of, known);
    return known;
  };
  const pathOf = (rule: string, property: string | undefined, up: Path | undefined): Path => {
    const key = `${rule} ${property ?? ''} ${id(up)}`;
    const known = paths.get(key) ?? { rule, property, up };
    paths.set(key, known);
    return known;
  };
  const itemOf = (element: GrammarAST.AbstractElement, times: Times, path: Path, next: Item | undefined): Item => {
    const key = `${id(element)} ${times} ${id(path)}`;
    const same = itemsOf.get(key) ?? new Map<Item | undefined, Item>();
    itemsOf.set(key, same);
    const known = same.get(next);
    if (known) return known;
    const made: Item = { element, times, path, next };
    same.set(next, made);
    count++;
    return made;
  };

  const open = new Set<Item>();
  const leavesOf = (item: Item | undefined): readonly Leaf[] => {
    if (item === undefined) return [];
    if (item.leaves) return item.leaves;
    if (open.has(item)) return [];
    open.add(item);
    const found = expand(item);
    open.delete(item);
    item.leaves = found;
    return found;
  };

  const expand = (item: Item): readonly Leaf[] => {
    const { element, path, next } = item;
    const cardinality = item.times === 'as written' ? element.cardinality : item.times === 'any' ? '*' : undefined;
    if (cardinality !== undefined) {
      const rest = cardinality === '+' ? itemOf(element, 'any', path, next) : cardinality === '*' ? item : next;
      const inside = leavesOf(itemOf(element, 'once', path, rest));
      return cardinality === '+' ? inside : [...inside, ...leavesOf(next)];
    }
    if (GrammarAST.isKeyword(element)) return [{ token: element.value, isKeyword: true, path, next }];
    if (GrammarAST.isAction(element)) return leavesOf(next);
    if (GrammarAST.isAssignment(element)) {
      const at = pathOf(path.rule, element.feature, path.up);
      return leavesOf(itemOf(element.terminal, 'as written', at, next));
    }
    if (GrammarAST.isAlternatives(element)) {
      return element.elements.flatMap(each => leavesOf(itemOf(each, 'as written', path, next)));
    }
    if (GrammarAST.isGroup(element)) {
      return leavesOf(
        element.elements.reduceRight<Item | undefined>((rest, each) => itemOf(each, 'as written', path, rest), next),
      );
    }
    if (GrammarAST.isRuleCall(element)) {
      const rule = element.rule.ref;
      if (GrammarAST.isTerminalRule(rule)) return [{ token: rule.name, isKeyword: false, path, next }];
      if (GrammarAST.isParserRule(rule)) {
        return leavesOf(itemOf(rule.definition, 'as written', pathOf(rule.name, undefined, path), next));
      }
    }
    return [];
  };

  const top: Path = { rule: entry.name, property: undefined, up: undefined };
  const startOf = (): State => new Set([itemOf(entry.definition, 'as written', top, undefined)]);

  return {
    get start() {
      if (count > maxItems) {
        [itemsOf, paths, ids, count] = [new Map(), new Map(), new Map(), 0];
      }
      return startOf();
    },
    advance(state, token) {
      const after = new Set<Item | undefined>();
      for (const item of state) for (const leaf of leavesOf(item)) if (matches(leaf, token)) after.add(leaf.next);
      return after;
    },
    includes(state, beginning) {
      // What begins a block comes from one loop: its first element stands for all.
      const [item] = beginning;
      const [first] = leavesOf(item);
      if (first === undefined) return false;
      for (const each of state) if (leavesOf(each).includes(first)) return true;
      return false;
    },
    leaves: state => [...new Set([...state].flatMap(item => leavesOf(item)))],
  };
}

function matches({ token }: Leaf, { tokenType }: Token): boolean {
  return tokenType.name === token || (tokenType.CATEGORIES ?? []).some(each => each.name === token);
}
