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
    assert.equal((await extension.activate()).client.isRunning(), true);
  });
});
