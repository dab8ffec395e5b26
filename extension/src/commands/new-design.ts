/** New designs: the first one, or one of the shapes that people begin with. */

import { commands, type Disposable, window, workspace } from 'vscode';
import { shapes } from './shapes.ts';

export function offerNewDesign(): Disposable {
  return commands.registerCommand('dsys.newDesign', async (label?: string) => {
    const shape =
      shapes.find(one => one.label === label) ??
      (await window.showQuickPick(shapes, { title: 'Begin with', matchOnDetail: true }));
    if (shape === undefined) return undefined;
    const document = await workspace.openTextDocument({ language: 'dsys', content: shape.text });
    return window.showTextDocument(document);
  });
}
