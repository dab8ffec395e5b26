/** Where text breaks in the terminal. */

/** Columns of text; wider terminals do not make it easier to read. */
export const columnsMax = 110;

/** Breaks at spaces so that lines have at most `width` columns where words allow; continuations begin with `indent` spaces. */
export function wrap(text: string, indent: number, width = columnsMax): string {
  const room = Math.max(1, width - indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.join(`\n${' '.repeat(indent)}`);
}
