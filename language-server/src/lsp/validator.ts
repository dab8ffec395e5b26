import {
  DefaultDocumentValidator,
  interruptAndCheck,
  type LangiumDocument,
  type LangiumSharedCoreServices,
  type ValidationOptions,
} from 'langium';
import type { LangiumServices } from 'langium/lsp';
import { type CancellationToken, DiagnosticSeverity, type Diagnostic as LspDiagnostic } from 'vscode-languageserver';
import type { Diagnostic, Severity } from '../diagnostic.ts';
import { allRules } from '../rules/all.ts';
import { review } from '../rules/review.ts';
import { projectOf } from './project.ts';
import type { EditorSettings } from './settings.ts';

/** Reports what `dsys check` reports: the same functions, for one file, with imports read from open editors. */
export class DsysDocumentValidator extends DefaultDocumentValidator {
  private readonly shared: LangiumSharedCoreServices;
  private readonly settings: EditorSettings;

  constructor(services: LangiumServices, settings: EditorSettings) {
    super(services);
    this.settings = settings;
    this.shared = services.shared;
  }

  override async validateDocument(
    document: LangiumDocument,
    _options: ValidationOptions = {},
    cancelToken?: CancellationToken,
  ): Promise<LspDiagnostic[]> {
    const project = await projectOf(this.shared, document);
    if (cancelToken) await interruptAndCheck(cancelToken);
    const analysis = project.analysis();
    if (cancelToken) await interruptAndCheck(cancelToken);
    const own = review(analysis, this.settings.rules).diagnostics.filter(each => each.uri === project.uri);
    return own.map(each => toLsp(each, this.settings.rulePages));
  }
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
};

const rulesWithPages = new Set(allRules.map(({ id }) => id));

/**
 * The fixes travel in `data`, where code actions find them.
 * @param rulePages as in `EditorSettings`
 */
export function toLsp(diagnostic: Diagnostic, rulePages: string | null = null): LspDiagnostic {
  const { rule, severity, message, range, related, fixes } = diagnostic;
  return {
    code: rule,
    ...(rulePages !== null &&
      rulesWithPages.has(rule) && { codeDescription: { href: rulePages.replace('{rule}', rule) } }),
    source: 'dsys',
    severity: severities[severity],
    message,
    range,
    ...(related && {
      relatedInformation: related.map(({ uri, ...at }) => ({
        message: at.message,
        location: { uri, range: at.range },
      })),
    }),
    ...(fixes && { data: { fixes } }),
  };
}
