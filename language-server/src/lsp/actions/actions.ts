/** Code actions: the fixes of diagnostics, missing declarations, extractions, scenarios for claims. */
import type { CodeActionProvider, LangiumSharedServices } from 'langium/lsp';
import { type CodeAction, CodeActionKind, type Diagnostic as LspDiagnostic } from 'vscode-languageserver';
import type { Diagnostic, Edit } from '../../diagnostic.ts';
import { projectOf } from '../project.ts';
import { missingDeclarations } from './declare.ts';
import { extractions } from './extract.ts';
import { scenariosForClaims } from './scenarios.ts';

export function codeActionProvider(shared: LangiumSharedServices): CodeActionProvider {
  return {
    async getCodeActions(document, { range, context }) {
      const project = await projectOf(shared, document);
      const others = shared.workspace.LangiumDocuments.all.toArray();
      const all = [
        ...context.diagnostics.flatMap(fixesOf),
        ...missingDeclarations(project, range, others),
        ...extractions(project, range),
        ...scenariosForClaims(project, range),
      ];
      const { only } = context;
      return only ? all.filter(({ kind }) => only.some(each => `${kind}.`.startsWith(`${each}.`))) : all;
    },
  };
}

/** The validator puts the fixes of a diagnostic into its data. */
function fixesOf(diagnostic: LspDiagnostic): CodeAction[] {
  const fixes = (diagnostic.data as { fixes?: Diagnostic['fixes'] } | undefined)?.fixes ?? [];
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
