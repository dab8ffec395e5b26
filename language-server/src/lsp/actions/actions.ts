/** Code actions: the fixes of diagnostics, missing declarations, extractions, scenarios for claims. */
import type { CodeActionProvider, LangiumSharedServices } from 'langium/lsp';
import { type CodeAction, CodeActionKind, type Diagnostic as LspDiagnostic } from 'vscode-languageserver';
import type { Edit } from '../../diagnostic.ts';
import { projectOf } from '../project.ts';
import { missingDeclarations } from './declare.ts';
import { extractions } from './extract.ts';
import { fixAll, fixesIn, fixesOfKind } from './fix-all.ts';
import { scenariosForClaims } from './scenarios.ts';

export function codeActionProvider(shared: LangiumSharedServices): CodeActionProvider {
  return {
    async getCodeActions(document, { range, context }) {
      const project = await projectOf(shared, document);
      const others = shared.workspace.LangiumDocuments.all.toArray();
      const all = [
        ...context.diagnostics.flatMap(fixesOf),
        ...fixesOfKind(context.diagnostics, document.diagnostics ?? []),
        ...missingDeclarations(project, range, others),
        ...extractions(project, range),
        ...scenariosForClaims(project, range),
      ];
      const { only } = context;
      // Asked for by name only: it is no answer to "what can be done here".
      if (only?.some(kind => kind.startsWith('source'))) all.push(...fixAll(project.uri, document.diagnostics ?? []));
      return only ? all.filter(({ kind }) => only.some(each => `${kind}.`.startsWith(`${each}.`))) : all;
    },
  };
}

function fixesOf(diagnostic: LspDiagnostic): CodeAction[] {
  const fixes = fixesIn(diagnostic);
  return fixes.map(({ title, edits }) => ({
    ...action(title, CodeActionKind.QuickFix, edits),
    diagnostics: [diagnostic],
    isPreferred: fixes.length === 1,
  }));
}

export function action(title: string, kind: CodeActionKind, edits: readonly Edit[]): CodeAction {
  const changes: Record<string, { range: Edit['range']; newText: string }[]> = {};
  for (const { uri, range, newText } of edits) {
    changes[uri] ??= [];
    changes[uri].push({ range, newText });
  }
  return { title, kind, edit: { changes } };
}
