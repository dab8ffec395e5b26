/** Widths of texts in the font of the page. */

const known = new Map<string, number>();
let context: CanvasRenderingContext2D | null | undefined;

/** Names and titles are bold, from this size on. */
const BOLD_FROM = 13;

export function measure(text: string, size: number): number {
  const key = `${size} ${text}`;
  let width = known.get(key);
  if (width === undefined) {
    context ??= document.createElement('canvas').getContext('2d');
    if (context === null) return text.length * size * 0.6;
    context.font = `${size < BOLD_FROM ? 400 : 600} ${size}px ${getComputedStyle(document.body).fontFamily || 'sans-serif'}`;
    width = context.measureText(text).width;
    known.set(key, width);
  }
  return width;
}

/** As much of a text as fits. */
export function clipped(text: string, size: number, room: number): string {
  if (measure(text, size) <= room) return text;
  let end = text.length - 1;
  while (end > 1 && measure(`${text.slice(0, end)}…`, size) > room) end--;
  return `${text.slice(0, end)}…`;
}
