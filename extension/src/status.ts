/** The live verdict in the status bar: what is known of the claims of the design in the editor. */

import {
  type ClaimVerdict,
  commands as names,
  notifications,
  type RunParams,
  type VerdictsParams,
} from '@dsys/language-server/protocol';
import {
  commands,
  type Disposable,
  type QuickPickItem,
  Range,
  StatusBarAlignment,
  ThemeColor,
  Uri,
  window,
} from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { isDesign } from './commands/open.ts';

export interface Status extends Disposable {
  /** What the server last said of a file. */
  of(uri: string): VerdictsParams | undefined;
  /** What stands in the status bar; undefined: nothing. */
  text(): string | undefined;
}

export function showStatus(client: BaseLanguageClient): Status {
  const known = new Map<string, VerdictsParams>();
  const item = window.createStatusBarItem('dsys.verdict', StatusBarAlignment.Left, 10);
  item.name = 'dsys: live verdict';
  item.command = 'dsys.showVerdicts';
  let shown: string | undefined;
  const update = () => {
    const document = window.activeTextEditor?.document;
    if (!isDesign(document)) {
      shown = undefined;
      item.hide();
      return;
    }
    const { text, tooltip, isBad } = describe(known.get(document.uri.toString()));
    shown = text;
    item.text = text;
    item.tooltip = tooltip;
    item.backgroundColor = isBad ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    item.show();
  };
  const parts = [
    item,
    client.onNotification(notifications.verdicts, (found: VerdictsParams) => {
      known.set(normal(found.uri), found);
      update();
    }),
    window.onDidChangeActiveTextEditor(update),
    commands.registerCommand('dsys.showVerdicts', () => pick(known)),
  ];
  update();
  return {
    of: uri => known.get(normal(uri)),
    text: () => shown,
    dispose: () => parts.forEach(part => void part.dispose()),
  };
}

/** Clients and servers escape URIs differently. */
const normal = (uri: string): string => Uri.parse(uri).toString();

const icons: Readonly<Record<ClaimVerdict['verdict'], string>> = {
  holds: 'pass',
  violated: 'error',
  unknown: 'question',
  'not checked': 'circle-slash',
};

function describe(found: VerdictsParams | undefined): {
  readonly text: string;
  readonly tooltip: string;
  readonly isBad: boolean;
} {
  if (found === undefined || found.claims.length === 0)
    return {
      text: '$(circle-outline) dsys',
      tooltip: 'dsys: nothing is known of claims of this design yet',
      isBad: false,
    };
  const of = (verdict: ClaimVerdict['verdict']) => found.claims.filter(one => one.verdict === verdict);
  const violated = of('violated');
  const held = of('holds').length;
  const tooltip = found.claims
    .map(one => `${one.store}: ${one.property}: ${one.verdict}${one.why ? `, ${one.why}` : ''}`)
    .join('\n');
  if (violated.length > 0) {
    const [{ property, shown }] = violated as [ClaimVerdict, ...ClaimVerdict[]];
    const more = violated.length > 1 ? ` and ${violated.length - 1} more` : '';
    return { text: `$(error) ${property}: seed ${shown?.seed}${more}`, tooltip, isBad: true };
  }
  const total = found.claims.length;
  // Never a false green: what was not checked is counted.
  if (held < total) return { text: `$(question) ${held} of ${total} claims checked`, tooltip, isBad: false };
  return {
    text: `$(pass) ${total === 1 ? '1 claim holds' : `${total} claims hold`} in short runs`,
    tooltip,
    isBad: false,
  };
}

/** All verdicts of the design in the editor: a violated one opens its trace, any other its place. */
async function pick(known: ReadonlyMap<string, VerdictsParams>): Promise<void> {
  const document = window.activeTextEditor?.document;
  if (!isDesign(document)) return;
  const uri = document.uri.toString();
  const found = known.get(uri);
  const items: (QuickPickItem & { readonly go: () => Thenable<unknown> })[] = [];
  for (const { store, property, verdict, why, shown, range } of found?.claims ?? []) {
    const params: RunParams | undefined = shown ? { uri, ...shown } : undefined;
    items.push({
      label: `$(${icons[verdict]}) ${property}`,
      description: `${store}, ${verdict}`,
      detail: why,
      go: () =>
        params
          ? commands.executeCommand(names.openTrace, params)
          : window.showTextDocument(document, {
              selection: new Range(range.start.line, range.start.character, range.end.line, range.end.character),
            }),
    });
  }
  for (const { scenario, outcome, seeds, showing } of found?.scenarios ?? []) {
    const params: RunParams = { uri, scenario, seed: showing };
    items.push({
      label: `$(beaker) ${scenario}`,
      description: `${outcome}, ${seeds.ran === 1 ? `seed ${seeds.from}` : `${seeds.ran} seeds`}`,
      go: () => commands.executeCommand(names.openTrace, params),
    });
  }
  if (items.length === 0) {
    void window.showInformationMessage('Nothing has been run of this design as it is now.');
    return;
  }
  const chosen = await window.showQuickPick(items, { title: 'What is known of this design', matchOnDetail: true });
  await chosen?.go();
}
