/** What the viewer shows, as what a picture is made from. */

import type { View } from '../draw/frame.ts';
import { belowOf } from './comparing.ts';
import type { Viewer } from './viewer.ts';

export function currentView(viewer: Viewer, size: Pick<View, 'width' | 'height' | 'measure'>): View {
  return {
    opened: viewer.opened.value!,
    axis: viewer.axis.value,
    range: viewer.range.value,
    scroll: viewer.scroll.value,
    lanes: viewer.lanes.value,
    selection: viewer.selection.value,
    cone: viewer.coneMask.value,
    mask: viewer.mask.value,
    hide: viewer.hide.value,
    violation: viewer.violation.value,
    collapsed: viewer.collapsed.value,
    chapters: viewer.chapters.value,
    compared: viewer.comparing.view.value,
    below: belowOf(viewer),
    down: viewer.down.value,
    highContrast: viewer.theme.value.startsWith('hc'),
    ...size,
  };
}
