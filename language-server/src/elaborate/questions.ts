/**
 * What elaboration looks for at each place of a text. Completion asks it about a text with a filler at the cursor, so
 * that which options, words and quantities are offered is exactly what elaboration would understand.
 */
import type { Quantity } from '@dsys/grammar';
import type { AstNode } from 'langium';

export type Wanted =
  /** One of these words. */
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** An option of a block; `owner` names the block as messages do, `names` are those that may still be written. */
  | { readonly kind: 'options'; readonly owner: string; readonly names: readonly string[] }
  | { readonly kind: 'quantity'; readonly type: Exclude<Quantity['$type'], 'DateLiteral'> }
  | { readonly kind: 'quorum' }
  | { readonly kind: 'distribution' };

/**
 * Called with the node that is looked at. `property`: for words that are a property of the node and no node of their
 * own (`raft` of a consensus).
 */
export type Ask = (at: AstNode, wanted: Wanted, property?: string) => void;

export const askWords = (
  context: { readonly ask?: Ask | undefined },
  at: AstNode | undefined,
  words: readonly string[],
  property?: string,
): void => {
  if (at !== undefined) context.ask?.(at, { kind: 'words', words }, property);
};
