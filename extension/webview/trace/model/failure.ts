/** What stands in the place of a trace that cannot be shown. By itself, so that the page need not hold what reads traces. */

/** Why there is nothing to see, and what to do about it. */
export interface Failure {
  readonly title: string;
  readonly text: string;
}

export function isFailure(opened: object): opened is Failure {
  return 'title' in opened;
}
