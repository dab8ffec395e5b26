import { strict as assert } from 'node:assert';
import { afterEach, describe, it } from 'mocha';
import { closeAll, dsysExtension, openSample, until } from './support.ts';

describe('activation', () => {
  afterEach(closeAll);

  it('begins when a design is opened', async () => {
    const { document } = await openSample('leader-crash.dsys');
    assert.equal(document.languageId, 'dsys');
    const extension = dsysExtension();
    await until('the extension is active', () => extension.isActive || undefined);
    const { ready, client } = await extension.activate();
    await ready;
    assert.equal(client.isRunning(), true);
  });
});
