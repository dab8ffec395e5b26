/** All that opening a trace takes, on whichever thread: the worker runs it, and the page where no worker starts. */

import { isContainer } from '@dsys/runtime/trace/container-read';
import { type Compared, comparedOf, type Shown } from '../model/compared.ts';
import { type Failure, isFailure } from '../model/failure.ts';
import { type Opened, type OpeningProgress, openTrace } from '../model/opened.ts';
import { inflateChunks } from './inflate.ts';

/** The trace that another one is opened beside, and what people call the other one. */
export interface Beside {
  readonly shown: Shown;
  readonly name: string;
}

/** @returns with `beside`, what comparing came to: what cannot be shown or compared at all is a `Failure` */
export async function openBytes<With extends Beside | undefined>(
  bytes: Uint8Array,
  progress: OpeningProgress,
  beside: With,
): Promise<Result<With>> {
  if (typeof DecompressionStream === 'undefined' && isContainer(bytes)) return tooOld as Result<With>;
  const inflated = await inflateChunks(bytes, share => progress('Unpacking', share));
  const opened = openTrace(bytes, progress, inflated);
  if (beside === undefined || isFailure(opened)) return opened as Result<With>;
  progress('Comparing', 1);
  try {
    return comparedOf(beside.shown, opened, beside.name) as Result<With>;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { title: 'The traces cannot be compared', text: `${text}.` } as Result<With>;
  }
}

const tooOld: Failure = {
  title: 'This browser cannot unpack traces',
  text: 'Browsers from 2023 on can: Chromium 80, Firefox 113, Safari 16.4 and later.',
};

export type Result<With extends Beside | undefined> = (With extends Beside ? Compared : Opened) | Failure;
