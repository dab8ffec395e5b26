/** What clients say of recorded runs, compared with what there is. */
import { sourcesOf } from '@dsys/runtime/run/record';
import { type Change, type RecordedRun, readChanges } from '@dsys/runtime/trace/changes';
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { errorCodes } from '../protocol.ts';
import type { Project } from './project.ts';

/** @throws ResponseError when they are no changes */
export function checkedChanges(given: unknown): readonly Change[] {
  const changes = readChanges(given);
  if (changes === undefined)
    throw new ResponseError(LSPErrorCodes.RequestFailed, 'The changes of the run cannot be understood.');
  return changes;
}

/**
 * Compares texts, in the order of the design; where they lie is nobody's business.
 * @throws ResponseError `designChanged` when the project's are others
 */
export function refuseOthers(project: Project, sources: RecordedRun['sources']): void {
  const own = sourcesOf(project.design());
  const isSame =
    Array.isArray(sources) &&
    own.length === sources.length &&
    own.every(({ sha256 }, index) => sha256 === sources[index]?.sha256);
  if (!isSame)
    throw new ResponseError(
      errorCodes.designChanged,
      'The design changed since this run: it cannot be executed again.',
    );
}
