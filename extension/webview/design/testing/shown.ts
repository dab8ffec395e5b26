/** What the host would give to the view for a text. */
import { pathToFileURL } from 'node:url';
import { analyse, review } from '@dsys/language-server';
import { factsOfDesign } from '@dsys/runtime/protocols/facts';
import { cardsOf } from '../../../src/design/cards.ts';
import type { Finding, ShowParams } from '../protocol.ts';

export async function shownOf(text: string, name = 'test.dsys', cursor = 0): Promise<ShowParams> {
  const uri = pathToFileURL(`/designs/${name}`).href;
  const analysis = (await analyse(
    uri,
    asked => (asked === uri ? text : undefined),
    () => name,
  ))!;
  const said = review(analysis).diagnostics;
  const isBroken = analysis.diagnostics.some(({ severity }) => severity === 'error');
  const { design } = analysis;
  return {
    uri: design.files[0]!.uri,
    name,
    design: { ...design, files: design.files.map(file => ({ ...file, text: '' })) },
    isBroken,
    findings: said.map(({ rule, severity, message, range }): Finding => ({ rule, severity, message, range })),
    facts: isBroken ? { missing: 'the file has errors' } : { stores: cardsOf(factsOfDesign(design)) },
    cursor,
  };
}
