/** Views for tests and benchmarks, in pages as well. */

import type { View } from '../draw/frame.ts';
import { roughMeasure } from '../draw/shapes.ts';
import { type Axis, timeAxis, wholeRange } from '../model/axis.ts';
import { lanesOf, nodesOf } from '../model/lanes.ts';
import type { Opened } from '../model/opened.ts';

/** A view of a trace with nothing selected. */
export function viewOf(opened: Opened, changes: Partial<View> = {}): View {
  const axis: Axis = changes.axis ?? timeAxis(opened);
  return {
    opened,
    axis,
    range: wholeRange(axis),
    width: 1200,
    height: 700,
    scroll: 0,
    lanes: lanesOf(opened, nodesOf(opened.trace, changes.violation ?? null), false),
    selection: null,
    cone: null,
    mask: null,
    hide: false,
    violation: null,
    highContrast: false,
    measure: roughMeasure,
    ...changes,
  };
}
