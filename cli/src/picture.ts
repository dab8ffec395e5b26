/** The view that a trace opens with, as an SVG file: drawn by what draws it in the viewer. */

import type { Trace } from '@dsys/runtime/trace/model';
import { openingView, svgOfView } from '../../extension/webview/trace/draw/picture.ts';
import { openedOf } from '../../extension/webview/trace/model/opened.ts';

/** Px; a page of documentation is about so wide. */
const WIDTH = 1280;

export function pictureOf(trace: Trace): string {
  const options = { kind: 'light', width: WIDTH } as const;
  return svgOfView(openingView(openedOf(trace), options), options);
}
