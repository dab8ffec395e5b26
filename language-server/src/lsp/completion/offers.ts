/** What is offered at a place, before it becomes items of the protocol. */
import {
  type CompletionItem,
  CompletionItemKind,
  InsertTextFormat,
  MarkupKind,
  type TextEdit,
} from 'vscode-languageserver';
import type { Range } from '../../diagnostic.ts';

/** Groups in the order in which they are shown. */
const groups = ['default', 'name', 'word', 'quantity', 'option', 'keyword', 'import'] as const;

export interface Offer {
  readonly label: string;
  readonly group: (typeof groups)[number];
  readonly kind: CompletionItemKind;
  /** What is inserted, if it is not the label. */
  readonly insert?: string;
  /** With the tab stops of the protocol's snippets. */
  readonly snippet?: string;
  /** A few words beside the label. */
  readonly detail?: string | undefined;
  readonly means?: string | undefined;
  readonly default?: string | undefined;
  readonly edits?: readonly TextEdit[];
}

export const wordOffer = (label: string, means: string | undefined, isDefault = false): Offer => ({
  label,
  group: isDefault ? 'default' : 'word',
  kind: CompletionItemKind.EnumMember,
  means,
  ...(isDefault && { detail: 'default' }),
});

/** The items of a list without repetitions: what is offered first stays. */
export function itemsOf(offers: readonly Offer[], range: Range): CompletionItem[] {
  const seen = new Set<string>();
  const unique = offers.filter(({ label }) => seen.size < seen.add(label).size);
  const order = unique.map((offer, i) => ({ offer, key: groups.indexOf(offer.group) * 1e4 + i }));
  order.sort((a, b) => a.key - b.key);
  return order.map(({ offer, key }) => itemOf(offer, range, key));
}

function itemOf(offer: Offer, range: Range, key: number): CompletionItem {
  const { label, kind, insert, snippet, detail, edits } = offer;
  const documentation = documentationOf(offer);
  return {
    label,
    kind,
    sortText: String(key).padStart(6, '0'),
    filterText: label,
    textEdit: { range, newText: snippet ?? insert ?? label },
    ...(snippet !== undefined && { insertTextFormat: InsertTextFormat.Snippet }),
    ...(detail !== undefined && { detail }),
    ...(documentation !== '' && { documentation: { kind: MarkupKind.Markdown, value: documentation } }),
    ...(edits && { additionalTextEdits: [...edits] }),
  };
}

function documentationOf({ means, default: usual }: Offer): string {
  return [means, usual && `Default: \`${usual}\`.`].filter(Boolean).join('\n\n');
}
