/** What a layout is given and what it gives. Pixels, from the top left; everything is a box or a line. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface GroupInput {
  readonly key: string;
  /** Empty: neither a title nor a frame. */
  readonly title: string;
  /** Cards: of one size in one group, and no smaller than `card`. */
  readonly items: readonly string[];
}

export interface SiteInput {
  readonly key: string;
  readonly title: string;
  /** Lines below the title. */
  readonly subtitle: readonly string[];
  readonly groups: readonly GroupInput[];
  /** Workloads whose clients stand here, with what is written beside them. */
  readonly clients: readonly { readonly key: string; readonly text: string }[];
}

export interface LinkInput {
  readonly key: string;
  /** Indices of sites, `from` before `to`. */
  readonly from: number;
  readonly to: number;
  readonly label: readonly string[];
}

export interface LayoutInput {
  readonly sites: readonly SiteInput[];
  readonly links: readonly LinkInput[];
  readonly card: { readonly width: number; readonly height: number };
  /** Room there is; a picture that cannot be narrower is wider. */
  readonly width: number;
  /** Width of a text of so many pixels' size. */
  readonly measure: (text: string, size: number) => number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Edge {
  readonly key: string;
  readonly points: readonly Point[];
  readonly label: Box;
  readonly lines: readonly string[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly sites: ReadonlyMap<string, Box>;
  readonly groups: ReadonlyMap<string, Box>;
  readonly cards: ReadonlyMap<string, Box>;
  readonly clients: ReadonlyMap<string, Box>;
  readonly edges: readonly Edge[];
}

/** Sizes of texts and the room around things. */
export const sizes = {
  title: 14,
  small: 11,
  pad: 12,
  groupPad: 8,
  groupTitle: 20,
  /** Of a site without a subtitle. */
  siteTitle: 29,
  cardGap: 8,
  groupGap: 10,
  clientHeight: 28,
  labelLine: 15,
  /** Between rows of sites without a link. */
  rowGap: 22,
  columnGap: 26,
  gutterLane: 12,
  margin: 2,
} as const;
