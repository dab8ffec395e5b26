import { SemanticTokensDecoder } from 'langium/lsp';
import { expect, test } from 'vitest';
import { editor } from '../testing/editor.ts';

async function tokens(text: string): Promise<string[]> {
  const { services, document, at } = await editor(text);
  const provider = services.lsp.SemanticTokenProvider!;
  const found = await provider.semanticHighlight(document, at);
  return SemanticTokensDecoder.decode(found, provider.tokenTypes, document).map(
    ({ text: word, tokenType }) => `${word}:${tokenType}`,
  );
}

test('a word is what it stands for', async () => {
  expect(await tokens('store region on zones { consensus raft { heartbeat 50ms } model kv }')).toEqual([
    ...['store:keyword', 'region:struct', 'on:keyword', 'zones:enumMember', 'consensus:keyword', 'raft:enumMember'],
    ...['heartbeat:property', '50ms:number', 'model:property', 'kv:enumMember'],
  ]);
  expect(await tokens('cluster crash { nodes at }\nscenario x { at 1s crash crash.at, at }')).toEqual([
    ...['cluster:keyword', 'crash:class', 'nodes:keyword', 'at:variable'],
    ...[
      'scenario:keyword',
      'x:method',
      'at:keyword',
      '1s:number',
      'crash:keyword',
      'crash:class',
      'at:variable',
      'at:variable',
    ],
  ]);
});

test('claims and distributions', async () => {
  expect(await tokens('store s on c { claims { read p99 < 20ms  no lost-writes } }')).toEqual([
    ...['store:keyword', 's:struct', 'on:keyword', 'c:enumMember', 'claims:keyword', 'read:property', 'p99:enumMember'],
    ...['20ms:number', 'no:keyword', 'lost-writes:enumMember'],
  ]);
  expect(await tokens('network { latency normal(1ms, 2ms) }')).toEqual([
    ...['network:keyword', 'latency:property', 'normal:function', '1ms:number', '2ms:number'],
  ]);
});
