/** One VS Code for the tests of a file: a picture of every failure, and an end to what policies forbid. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Editor, type Options, start } from './editor.ts';

/** @returns the editor, once tests run */
export function useEditor(options: Options = {}): () => Editor {
  let editor: Editor | undefined;
  beforeAll(async () => {
    editor = await start(options);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail')
      await editor?.page.screenshot({ path: editor.pathOf(`failed-${task.name.replace(/\W+/g, '-').slice(0, 60)}`) });
    expect(editor?.problems).toEqual([]);
  });
  afterAll(() => editor?.close());
  return () => editor!;
}
