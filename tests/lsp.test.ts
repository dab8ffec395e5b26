import { expect, it } from 'vitest';
import { processClient } from '../language-server/src/testing/client.ts';
import { converse } from '../language-server/src/testing/conversation.ts';
import { launcher } from './support/cli.ts';

it.each([[['lsp']], [['lsp', '--stdio']]])('dsys %j talks to an editor on standard input and output', async words => {
  const { client, ended } = await processClient([launcher, ...words]);
  await converse(client);
  expect(await ended).toBe(0);
});
