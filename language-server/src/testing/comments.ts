/** The comments of a text, for tests that they survive. */

/** Comments without the space that their lines begin with, which is layout. */
export const commentsOf = (text: string): string[] =>
  [...text.matchAll(/"(?:\\.|[^"\\\r\n])*"|\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g)]
    .map(([match]) => match)
    .filter(match => match.startsWith('/'))
    .map(match =>
      match
        .split(/\r?\n/)
        .map(line => line.trim())
        .join('\n'),
    );
