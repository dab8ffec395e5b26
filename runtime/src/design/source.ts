/** Where a part of a design was written. Zero-based, as in the Language Server Protocol. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface SourceRange {
  /** Index into `Design.files`. */
  readonly file: number;
  readonly start: Position;
  readonly end: Position;
}

/** Everything a person wrote carries the range it came from; defaults carry the range of what they complete. */
export interface Located {
  readonly at: SourceRange;
}

export const nowhere: SourceRange = {
  file: 0,
  start: { line: 0, character: 0 },
  end: { line: 0, character: 0 },
};
