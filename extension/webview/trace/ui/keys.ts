/** Keys of the diagram, as a table: the key sheet is made from it, so it cannot forget one. */

import { goToChapter } from './chapters.tsx';
import * as commands from './commands.ts';
import { toggleBookmark, writeNote } from './notes.tsx';
import { focusFilter } from './open.ts';
import { stepBy, togglePlay } from './playback.ts';
import type { Viewer } from './viewer.ts';

export interface Key {
  /** As `KeyboardEvent.key`, letters small. */
  readonly keys: readonly string[];
  readonly shown: string;
  readonly what: string;
  readonly shift?: boolean;
  readonly run: (viewer: Viewer) => void;
}

export const KEYS: readonly Key[] = [
  { keys: ['ArrowLeft'], shown: '←', what: 'previous event of the lane', run: v => commands.stepOnLane(v, -1) },
  { keys: ['ArrowRight'], shown: '→', what: 'next event of the lane', run: v => commands.stepOnLane(v, 1) },
  { keys: ['ArrowUp'], shown: '↑', what: 'lane before it, same time', run: v => commands.otherLane(v, -1) },
  { keys: ['ArrowDown'], shown: '↓', what: 'lane after it, same time', run: v => commands.otherLane(v, 1) },
  { keys: [','], shown: ',', what: 'previous event of all', run: v => commands.stepGlobally(v, -1) },
  { keys: ['.'], shown: '.', what: 'next event of all', run: v => commands.stepGlobally(v, 1) },
  { keys: ['Enter'], shown: 'Enter', what: 'the other end of the message', run: commands.followMessage },
  { keys: ['Backspace'], shown: 'Backspace', what: 'back to what was selected before', run: commands.backInHistory },
  { keys: ['F12'], shown: 'F12, Ctrl+Enter', what: 'open the text that it comes from', run: commands.revealSource },
  { keys: ['n'], shown: 'N', what: 'next violation', run: v => commands.nextViolation(v, 1) },
  { keys: ['p'], shown: 'P', what: 'previous violation', run: v => commands.nextViolation(v, -1) },
  { keys: ['h'], shown: 'H', what: 'previous chapter of the story', run: v => goToChapter(v, -1) },
  { keys: ['j'], shown: 'J', what: 'next chapter of the story', run: v => goToChapter(v, 1) },
  { keys: ['['], shown: '[', what: 'previous fault or epoch', run: v => commands.nextTurn(v, -1) },
  { keys: [']'], shown: ']', what: 'next fault or epoch', run: v => commands.nextTurn(v, 1) },
  { keys: ['b'], shown: 'B', what: 'what happened before: past cone', run: v => commands.setCone(v, 'past') },
  { keys: ['e'], shown: 'E', what: 'effects: future cone', run: v => commands.setCone(v, 'future') },
  { keys: ['c'], shown: 'C', what: 'what is concurrent with it', run: v => commands.setCone(v, 'concurrent') },
  { keys: ['x'], shown: 'X', what: 'no cone', run: v => (v.cone.value = 'none') },
  { keys: ['r'], shown: 'R', what: 'compare with the next selection', run: v => commands.relateTo(v, v.event.value) },
  { keys: ['l'], shown: 'L', what: 'checks, and the orders that they found', run: v => (v.panel.value = 'checks') },
  { keys: [' '], shown: 'Space', what: 'play, or stop', run: togglePlay },
  { keys: ['<'], shown: '<', what: 'previous change of state', run: v => void stepBy(v, 'change', -1) },
  { keys: ['>'], shown: '>', what: 'next change of state', run: v => void stepBy(v, 'change', 1) },
  { keys: ['g'], shown: 'G', what: 'go to an event, a time or a line', run: v => (v.asksWhere.value = true) },
  { keys: ['m'], shown: 'M', what: 'keep this moment, or let go of it', run: toggleBookmark },
  { keys: ['t'], shown: 'T', what: 'write a note to this moment', run: writeNote },
  { keys: ['o'], shown: 'O', what: 'this lane on top, or back', run: commands.pinLane },
  { keys: ['w', '+', '='], shown: 'W, +', what: 'zoom in', run: v => commands.zoom(v, 0.7) },
  { keys: ['s', '-'], shown: 'S, -', what: 'zoom out', run: v => commands.zoom(v, 1 / 0.7) },
  { keys: ['a'], shown: 'A', what: 'earlier', run: v => commands.pan(v, -0.2) },
  { keys: ['d'], shown: 'D', what: 'later', run: v => commands.pan(v, 0.2) },
  { keys: ['0'], shown: '0', what: 'all', run: commands.fit },
  { keys: ['f'], shown: 'F', what: 'around the selection; twice: all', run: commands.focusSelection },
  { keys: ['Home'], shown: 'Home', what: 'beginning', run: v => commands.setRange(v, startOf(v, 'from')) },
  { keys: ['End'], shown: 'End', what: 'end', run: v => commands.setRange(v, startOf(v, 'to')) },
  {
    keys: ['PageUp'],
    shown: 'Page Up',
    what: 'lanes back',
    run: v => commands.scrollLanes(v, -v.plot.value.height * 0.8),
  },
  {
    keys: ['PageDown'],
    shown: 'Page Down',
    what: 'lanes on',
    run: v => commands.scrollLanes(v, v.plot.value.height * 0.8),
  },
  { keys: ['1'], shown: '1', what: 'axis of virtual time', run: v => commands.setAxis(v, 'time') },
  { keys: ['2'], shown: '2', what: 'axis by step', run: v => commands.setAxis(v, 'step') },
  { keys: ['3'], shown: '3', what: 'axis of the violation’s story', run: v => commands.setAxis(v, 'story') },
  { keys: ['4'], shown: '4', what: 'axis of causal depth', run: v => commands.setAxis(v, 'depth') },
  { keys: ['5'], shown: '5', what: 'axis without quiet time', run: v => commands.setAxis(v, 'compressed') },
  { keys: ['6'], shown: '6', what: 'time downwards, or to the right', run: commands.turn },
  {
    keys: ['k'],
    shown: 'K',
    what: 'all clients, or only the needed ones',
    run: commands.toggleClients,
  },
  { keys: ['v'], shown: 'V', what: 'collapse what repeats, or not', run: commands.toggleCollapse },
  { keys: ['u'], shown: 'U', what: 'metrics, or none', run: commands.toggleMetrics },
  { keys: ['/'], shown: '/', what: 'filter', run: () => focusFilter() },
  { keys: ['?'], shown: '?', what: 'this sheet', run: v => (v.help.value = !v.help.value) },
  { keys: ['Escape'], shown: 'Esc', what: 'back out', run: commands.backOut },
];

/** Keys that follow the picture, and what stands for them on the sheet: neighbours change places when time runs downwards. */
const FOLLOWING = ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown', '←', '↑', '→', '↓'];

/** What a key is where time runs to the right, or the other way round. */
export const turnedKey = ({ down }: Viewer, key: string): string =>
  (down.value && FOLLOWING[FOLLOWING.indexOf(key) ^ 1]) || key;

function startOf({ range, axis }: Viewer, side: 'from' | 'to'): { from: number; to: number } {
  const width = range.value.to - range.value.from;
  return side === 'from'
    ? { from: axis.value.from, to: axis.value.from + width }
    : { from: axis.value.to - width, to: axis.value.to };
}

/** Runs what a key stands for. True when it stood for something: then nobody else is to act on it. */
export function pressKey(viewer: Viewer, event: KeyboardEvent): boolean {
  if (viewer.opened.value === null) return false;
  if (event.ctrlKey || event.metaKey) {
    if (event.key !== 'Enter') return false;
    commands.revealSource(viewer);
    return true;
  }
  if (event.altKey) return false;
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : turnedKey(viewer, event.key);
  const key = KEYS.find(({ keys }) => keys.includes(pressed));
  if (key === undefined) return false;
  key.run(viewer);
  return true;
}
