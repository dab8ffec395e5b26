import type { Trace } from './model.ts';
export function renderFocus(_trace: Trace, _focus: unknown, _colors: unknown): string {
  return '';
}
